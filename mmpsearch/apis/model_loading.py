"""From config and checkpoint to a model that is ready to predict."""

from __future__ import annotations

import hashlib
import inspect
import os
import warnings
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.model import BaseModel
from torch import nn

from mmpsearch.errors import CheckpointError, InputError, ModelLoadError
from mmpsearch.gallery.detections import ModelFingerprint
from mmpsearch.models.runner_model import RunnerModel
from mmpsearch.registry import MODELS, TRANSFORMS
from mmpsearch.utils.checkpoint import (
    learnt_names,
    load_checkpoint,
    not_finite,
    training_only,
    without_training_parts,
)

# Transforms that an inferencer replaces by its own reading.
LOADING = ("LoadImage", "LoadImageFromFile")


def choose_device(device: str | torch.device | None) -> torch.device:
    """The device of that name; None: the GPU when there is one.

    Raises:
        InputError: There is no such device here.
    """
    if device is None:
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise InputError(f"device {device} cannot be used: {reason}") from error
    return torch.device(device)


def read_config(config: str | os.PathLike | dict | Config) -> tuple[Config, str]:
    """A config in any form, and its file name (``""`` when it has none).

    Raises:
        ModelLoadError: There is no such file, it does not run, or lacks ``model``.
    """
    if isinstance(config, (str, os.PathLike)):
        if not os.path.isfile(config):
            raise ModelLoadError(f"there is no config file {os.fspath(config)}")
        name = Path(config).name
        try:
            config = Config.fromfile(config)
        except Exception as error:  # a config is a program: it can fail in any way
            reason = f"{type(error).__name__}: {error}"
            raise ModelLoadError(f"config {name} cannot be read: {reason}") from error
    else:
        config = config if isinstance(config, Config) else Config(config)
        name = Path(config.filename).name if config.filename else ""
    if "model" not in config:
        raise ModelLoadError(f"the config {name} has no `model`")
    return config, name


def build_model(
    config: Config,
    checkpoint: str | os.PathLike | None,
    score_threshold: float,
    unsafe_load: bool = False,
) -> BaseModel:
    """Build the model without its training parts and load its weights.

    Args:
        config: With ``model``. Where the model has inference limits (``search``),
            their ``score_threshold`` is replaced.
        checkpoint: File whose weights must cover the model. None: random weights,
            with a warning.
        score_threshold: Smallest score of a detection.
        unsafe_load: Unpickle whatever the checkpoint holds, which can run any code.

    Returns:
        The model in eval mode, on the CPU.

    Raises:
        ModelLoadError: The config does not build, or the checkpoint is missing,
            damaged, refused, or lacks weights of the model (a backbone only, another
            config).
    """
    settings = dict(config.model)
    try:
        model_class = MODELS.get(settings["type"])
        if model_class:
            settings = _inference_settings(model_class, settings)
        if model_class and _has_limits(model_class):
            search = settings.get("search") or {}
            settings["search"] = {**search, "score_threshold": score_threshold}
        model = MODELS.build(settings)
    except (KeyError, TypeError, ImportError) as error:
        reason = error.args[0] if error.args else type(error).__name__
        raise ModelLoadError(f"the config's model cannot be built: {reason}") from error
    if checkpoint is None:
        warnings.warn(
            "no checkpoint was given: the weights are random, the boxes and "
            "similarities mean nothing",
            stacklevel=3,
        )
    else:
        load_weights(model, checkpoint, unsafe_load)
    return model.eval()


def _has_limits(model_class: type) -> bool:
    """Whether the model, or what it hands its arguments on to, takes ``search``."""
    return any(
        "search" in inspect.signature(one.__init__).parameters
        for one in model_class.__mro__
        if "__init__" in vars(one)
    )


def _inference_settings(model_class: type, settings: dict) -> dict:
    """The model's config without its training parts."""
    if issubclass(model_class, RunnerModel):
        return model_class.inference_settings(settings)
    return without_training_parts(model_class, settings)


def put_on(device: torch.device, model: nn.Module) -> nn.Module:
    """The model in eval mode on the device, and made fast if that is a CPU."""
    from mmpsearch.ops.cpu import speed_up_on_cpu  # imports MMPretrain

    model = model.to(device)
    model.eval()  # which returns nothing in some of MMPretrain's backbones
    speed_up_on_cpu(model)
    return model


def load_weights(
    model: nn.Module, checkpoint: str | os.PathLike, unsafe: bool = False
) -> None:
    """Load every weight of the model; weights for training only are left out.

    Raises:
        ModelLoadError: As ``build_model``.
    """
    checkpoint = os.fspath(checkpoint)
    try:
        given = load_checkpoint(checkpoint, "cpu", unsafe)
    except CheckpointError as error:
        raise ModelLoadError(str(error)) from error
    given = named_weights(given, checkpoint)
    wanted = model.state_dict()
    missing = [
        name
        for name in wanted
        if name not in given and not name.endswith("num_batches_tracked")
    ]  # old checkpoints and other frameworks do not count batches; testing neither
    other = [  # a memory that is not filled yet takes over the checkpoint's size
        f"{name} is {tuple(given[name].shape)}, the model's {tuple(tensor.shape)}"
        for name, tensor in wanted.items()
        if name in given and tensor.numel() and given[name].shape != tensor.shape
    ]
    if missing or other:
        faults = [f"{len(missing)} missing, e.g. {missing[0]}"] if missing else []
        faults += [f"{len(other)} of another shape: {other[0]}"] if other else []
        raise ModelLoadError(
            f"{checkpoint} does not fit the config's {type(model).__name__}: of "
            f"{len(wanted)} weights {'; '.join(faults)}. The file's first of "
            f"{len(given)} is {next(iter(given), 'none')!r}. Is it a backbone only, or "
            "was it trained with another config?"
        )
    spoilt = not_finite({name: given[name] for name in learnt_names(model)})
    if spoilt:
        raise ModelLoadError(
            f"{checkpoint}: {spoilt[0]} holds NaN or infinity ({len(spoilt)} of "
            f"{len(wanted)} weights do): the training diverged; take an earlier "
            "checkpoint"
        )
    unread = training_only(model)
    unused = [name for name in given if name not in wanted and not unread.match(name)]
    if unused:
        warnings.warn(
            f"{checkpoint}: {len(unused)} weights are not used, e.g. {unused[0]}",
            stacklevel=3,
        )
    model.load_state_dict({name: given.get(name, wanted[name]) for name in wanted})


def named_weights(content: dict, checkpoint: str) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint by name, without what wrappers put before it.

    Raises:
        ModelLoadError: It holds something else than named tensors.
    """
    weights = content.get("state_dict", content)
    named = isinstance(weights, dict) and all(isinstance(key, str) for key in weights)
    if not named or ("state_dict" in content and not _all_tensors(weights)):
        raise ModelLoadError(
            f"{checkpoint}: its state_dict does not hold tensors by name; save "
            "model.state_dict()"
        )
    return {
        name.removeprefix("module."): value
        for name, value in weights.items()
        if isinstance(value, torch.Tensor)
    }


def _all_tensors(weights: dict) -> bool:
    return all(isinstance(value, torch.Tensor) for value in weights.values())


def fingerprint(
    model: nn.Module, config_name: str, checkpoint: str | os.PathLike | None
) -> ModelFingerprint:
    """Names, and a digest of every parameter and buffer."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        values = tensor.detach().cpu().contiguous()
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}\n".encode())
        digest.update(values.reshape(-1).view(torch.uint8).numpy())
    checkpoint_name = Path(checkpoint).name if checkpoint else ""
    return ModelFingerprint(config_name, checkpoint_name, digest.hexdigest())


def testing_transforms(config: Config) -> list[dict]:
    """The transforms of ``test_dataloader.dataset``, also of a wrapped one."""
    dataset = (config.get("test_dataloader") or {}).get("dataset", {})
    while "pipeline" not in dataset and "dataset" in dataset:
        dataset = dataset["dataset"]
    return list(dataset.get("pipeline") or ())


def build_pipeline(config: Config) -> Compose:
    """The config's test pipeline without its image loading.

    The transforms after the loading one of ``test_dataloader.dataset`` are used, so
    that pictures are resized and packed exactly as in testing.

    Raises:
        ModelLoadError: There is no test pipeline, or it loads no image.
    """
    transforms = testing_transforms(config)
    if not transforms:
        raise ModelLoadError("the config has no test_dataloader.dataset.pipeline")
    names = [str(transform["type"]).rpartition(".")[2] for transform in transforms]
    loading = [i for i, name in enumerate(names) if name in LOADING]
    if not loading:
        raise ModelLoadError(
            f"the config's test pipeline ({', '.join(names)}) has none of "
            f"{', '.join(LOADING)}"
        )
    later = transforms[loading[0] + 1 :]
    return Compose([TRANSFORMS.build(transform) for transform in later])
