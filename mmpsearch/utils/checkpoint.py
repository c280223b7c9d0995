"""Load checkpoints without running what is in them.

A checkpoint is a pickle, and unpickling can run any code. Everything here loads with
``weights_only=True`` and refuses a file that needs more, unless the caller says
``unsafe=True`` (``--unsafe-load`` of the tools). MMEngine's own loader falls back to
unsafe unpickling by itself; `use_safe_checkpoints` puts ours in its place, for
``load_from``, ``resume``, ``init_cfg=dict(type='Pretrained')`` and inferencers alike.
"""

import argparse
import codecs
import pickle
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import numpy as np
import torch
from mmengine import dist
from mmengine.logging.history_buffer import HistoryBuffer
from torch import nn

from mmpsearch.errors import CheckpointError
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.work_folder import find_latest_checkpoint  # noqa: F401  (its former place)

_ALLOW = "if you trust where the file comes from, allow it with --unsafe-load"


def load_checkpoint(
    path: str | Path,
    map_location: str | torch.device | Callable | None = "cpu",
    unsafe: bool = False,
) -> dict[str, Any]:
    """Read a checkpoint file.

    Besides tensors and plain Python values, what a checkpoint of MMEngine's Runner
    holds is allowed: its ``HistoryBuffer`` (the log) and numeric numpy arrays.

    Args:
        path: file of ``torch.save``, or ``.safetensors``.
        map_location: see `torch.load`.
        unsafe: unpickle arbitrary objects, which can run any code.

    Returns:
        what was saved: a state dict, or a dict with ``state_dict`` and more.

    Raises:
        CheckpointError: naming file, reason and remedy.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise CheckpointError(f"checkpoint {path}: there is no such file")
    if path.suffix == ".safetensors":
        return _load_safetensors(path, map_location)
    # every time: MMEngine's own loader takes back what it shares with this list
    torch.serialization.add_safe_globals(_allowed_globals())
    try:
        checkpoint = torch.load(
            path, map_location=map_location, weights_only=not unsafe
        )
    except pickle.UnpicklingError as error:
        objects = _unsafe_objects(path, error)
        if objects:
            raise CheckpointError(
                f"checkpoint {path}: refused, it holds {objects}, and loading such "
                f"objects can run any code; {_ALLOW}"
            ) from None
        raise _unreadable(path, error) from None
    except Exception as error:  # of damaged files torch.load raises whatever it likes
        raise _unreadable(path, error) from None
    if not isinstance(checkpoint, dict):
        raise CheckpointError(
            f"checkpoint {path}: holds {type(checkpoint).__name__}, not a dict of "
            "weights; save model.state_dict() instead"
        )
    return checkpoint


def not_finite(weights: dict[str, Any]) -> list[str]:
    """Names of tensors with NaN, or with an infinity where it cannot belong.

    Args:
        weights: a state dict. Buffers may hold infinities, weights and running
            statistics may not.
    """
    return [name for name, value in weights.items() if _is_spoilt(name, value)]


def _is_spoilt(name: str, value: Any) -> bool:
    if not isinstance(value, torch.Tensor) or not value.is_floating_point():
        return False
    if value.isfinite().all():
        return False
    plain = name.rpartition(".")[2] in ("weight", "bias", "running_mean", "running_var")
    return bool(value.isnan().any()) or plain


def learnt_names(model: nn.Module) -> list[str]:
    """Names of parameters and running statistics, which are numbers in every model.

    Other buffers may say by NaN that they are not filled yet.
    """
    statistics = ("running_mean", "running_var")
    names = [name for name, _ in model.named_parameters()]
    buffers = (name for name, _ in model.named_buffers())
    return names + [one for one in buffers if one.rpartition(".")[2] in statistics]


def says_drawn_people(checkpoint: dict[str, Any]) -> bool:
    """Whether a checkpoint says that the model learned from drawn people.

    Args:
        checkpoint: of `load_checkpoint`; `SafeCheckpointHook` writes it there.
    """
    meta = checkpoint.get("meta")
    return isinstance(meta, dict) and bool(meta.get("drawn_people", False))


def use_safe_checkpoints(unsafe: bool = False) -> None:
    """Make MMEngine load every checkpoint through `load_checkpoint`.

    Args:
        unsafe: allow unpickling of arbitrary objects, from now on.
    """
    from mmengine.runner.checkpoint import CheckpointLoader

    def load_from_mmpsearch(filename: str, map_location=None, **kwargs):
        return load_checkpoint(_local_file(filename), map_location, unsafe)

    # All schemes: one that was left would still fall back to unsafe loading.
    schemes = ["", *CheckpointLoader._schemes]
    CheckpointLoader.register_scheme(schemes, load_from_mmpsearch, force=True)


def uses_safe_checkpoints() -> bool:
    """Whether `use_safe_checkpoints` was called, with whatever argument."""
    from mmengine.runner.checkpoint import CheckpointLoader

    return CheckpointLoader._schemes[""].__module__ == __name__


def training_only(model: nn.Module) -> re.Pattern[str]:
    """Matches the names of a model's weights that testing does not read.

    Models name them themselves, see
    `mmpsearch.models.runner_model.RunnerModel.training_only`; so do models that are
    part of another.
    """
    patterns = []
    for name, module in model.named_modules():
        place = re.escape(f"{name}.") if name else ""
        patterns += [place + begin for begin in getattr(module, "training_only", ())]
    return re.compile("|".join(patterns) if patterns else r"(?!)")


def without_training_parts(model_class: type, settings: dict) -> dict:
    """A model's config without the parts that its class calls ``training_only``.

    Args:
        model_class: with or without such an attribute.
        settings: ``config.model``.

    Returns:
        A copy, those parts None.
    """
    unread = re.compile("|".join(getattr(model_class, "training_only", ())) or r"(?!)")
    return {
        key: None if unread.match(f"{key}.") else value
        for key, value in settings.items()
    }


def _load_safetensors(path: Path, map_location: Any) -> dict[str, Any]:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError:
        raise CheckpointError(
            f"checkpoint {path}: reading .safetensors needs the package safetensors; "
            "pip install safetensors"
        ) from None
    try:
        return load_file(path, device=str(map_location or "cpu"))
    except (SafetensorError, OSError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> CheckpointError:
    lines = str(error).strip().splitlines()
    # the text of a KeyError is a bare number or name
    reason = lines[0] if lines and not isinstance(error, KeyError) else repr(error)
    return CheckpointError(
        f"checkpoint {path}: is not readable, it may be cut off or no checkpoint at "
        f"all ({reason}); copy, download or train it again"
    )


def _unsafe_objects(path: Path, error: Exception) -> str:
    """Names of what the file wants to make; '' where that is not the trouble."""
    listing = getattr(torch.serialization, "get_unsafe_globals_in_checkpoint", None)
    try:
        names = listing(path) if listing else ()  # zip files; torch >= 2.6
    except Exception:
        names = ()
    names = names or re.findall(
        r"GLOBAL ([\w.]+)|(?:but got|function) (.+)", str(error)
    )
    return ", ".join(sorted({n if isinstance(n, str) else n[0] or n[1] for n in names}))


def _history_method(owner: Any, name: str) -> Callable:
    """What a pickled HistoryBuffer needs ``getattr`` for, and nothing more."""
    if owner is not HistoryBuffer or name not in ("min", "max", "mean", "current"):
        raise pickle.UnpicklingError("Unsupported global: GLOBAL builtins.getattr ")
    return getattr(HistoryBuffer, name)


def _under_name(function: Callable, path: str) -> Callable:
    """``function`` as something that the pickle names ``path``."""

    def call(*args):
        return function(*args)

    call.__module__, call.__name__ = path.rsplit(".", 1)
    call.__qualname__ = call.__name__
    return call


@cache
def _allowed_globals() -> list[Callable]:
    """What else than tensors and plain Python values may be in a checkpoint."""
    # numpy.core under numpy 1, numpy._core under 2: read the files of either
    array = np.empty(0).__reduce__()[0]
    scalar = np.float64(0).__reduce__()[0]
    numpy_functions = [
        _under_name(function, f"numpy.{core}.multiarray.{name}")
        for core in ("core", "_core")
        for name, function in (("_reconstruct", array), ("scalar", scalar))
    ]
    numeric = {type(np.dtype(code)) for code in np.typecodes["All"] if code not in "OV"}
    # pickle protocol 2 writes __builtin__; newer PyTorch translates it
    getattrs = [
        _under_name(_history_method, f"{module}.getattr")
        for module in ("builtins", "__builtin__")
    ]
    return [
        HistoryBuffer,
        argparse.Namespace,  # a training's command line; it runs nothing
        codecs.encode,  # bytes in pickle protocol 2; PyTorch allows it since 2.5
        np.ndarray,
        np.dtype,
        *numeric,
        *numpy_functions,
        *getattrs,
    ]


def _local_file(name: str) -> str | Path:
    """The file that a checkpoint's name means, downloaded where it is a URL."""
    scheme, _, rest = name.partition("://")
    if not rest:
        return name
    if scheme in ("torchvision", "modelzoo", "open-mmlab", "openmmlab"):
        from mmengine.runner import checkpoint as names

        tables = (names.get_torchvision_models, names.get_external_models)
        urls = tables["mmlab" in scheme]()
        if rest not in urls:
            raise CheckpointError(f"checkpoint {name}: MMEngine has no model {rest!r}")
        return _local_file(urls[rest])
    if scheme not in ("http", "https"):
        raise CheckpointError(
            f"checkpoint {name}: {scheme}:// is not supported; copy the file here and "
            "give its path"
        )
    file = Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(name).path).name
    if not file.exists() and dist.is_main_process():
        try:
            with replace_when_done(file) as temporary:
                torch.hub.download_url_to_file(name, str(temporary))
        except OSError as error:
            raise CheckpointError(
                f"checkpoint {name}: the download failed ({error}); download it by "
                f"other means to {file}"
            ) from None
    dist.barrier()
    return file
