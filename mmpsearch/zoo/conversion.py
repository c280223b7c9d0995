"""From a publisher's weights to this project's names, once."""

import hashlib
import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mmpsearch.errors import ConversionError
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.checkpoint import load_checkpoint
from mmpsearch.zoo.digests import read_record
from mmpsearch.zoo.entry import Entry
from mmpsearch.zoo.errors import ZooError
from mmpsearch.zoo.places import converted

_ROOM = "mmpsearch.models.converters"


def converter(name: str) -> Callable[..., tuple[dict[str, Tensor], Any]]:
    """``convert_<name>`` of the module ``<name>`` in the room of converters.

    Raises:
        ZooError: there is none.
    """
    try:
        return getattr(import_module(f"{_ROOM}.{name}"), f"convert_{name}")
    except (ImportError, AttributeError):
        raise ZooError(f"there is no converter {name!r} in {_ROOM}") from None


def convert(
    checkpoint: Mapping[str, Any], name: str, options: Mapping[str, Any], source: str
) -> dict[str, Tensor]:
    """Weights under this project's names.

    Args:
        checkpoint: as the publisher's file holds it.
        name: of the converter; ``""``: the names are this project's already.
        options: further arguments of the converter.
        source: for messages.

    Raises:
        ZooError: it holds other weights than the converter knows.
    """
    if not name:
        return dict(checkpoint.get("state_dict", checkpoint))
    function = converter(name)
    unknown = options.keys() - inspect.signature(function).parameters.keys()
    if unknown:
        raise ZooError(f"converter {name!r} has no option {sorted(unknown)[0]!r}")
    if name == "spnet":  # the one that takes the weights without what is around them
        checkpoint = checkpoint.get("state_dict", checkpoint)
    try:
        return function(checkpoint, **options)[0]
    except ConversionError as error:
        raise ZooError(f"{source}: {error}") from None


def converted_file(entry: Entry, source: Path) -> Path:
    """A model's checkpoint under this project's names, made from ``source`` once.

    Args:
        entry: the model, with its converter; without one ``source`` is returned.
        source: the publisher's file, checked.

    Raises:
        ZooError: as `convert`.
        CheckpointError: it is not readable, or refused because it would run code.
    """
    if not entry.converter:
        return source
    record = read_record(entry.files[0])
    content = record["sha256"] if record else str(source.stat().st_mtime_ns)
    what = f"{content} {_version(entry.converter)} {dict(entry.converter_options)}"
    key = hashlib.sha256(what.encode()).hexdigest()[:12]
    target = converted() / f"{entry.name}-{key}.pth"
    if not target.is_file():
        state = convert(
            load_checkpoint(source),
            entry.converter,
            entry.converter_options,
            str(source),
        )
        drawn = bool(entry.metadata.get("Drawn People"))
        meta = {"name": entry.name, "drawn_people": drawn, **entry.metadata}
        with replace_when_done(target) as temporary:
            torch.save({"state_dict": state, "meta": _plain(meta)}, temporary)
    return target


def _plain(value: Any) -> Any:
    """Only what loads safely again: YAML gives dates as well."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


@lru_cache
def _version(name: str) -> str:
    """Changes with the converter's source: what it made before is made anew."""
    folder = Path(inspect.getfile(converter(name))).parent
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
