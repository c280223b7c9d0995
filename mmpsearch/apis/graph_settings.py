"""How pictures go into an exported network: from a yaml, a catalogue, or a default.

The file lies beside the network and has its name, ``nano.yaml`` for ``nano.onnx``:

    input_size: [416, 416]   # height, width; needed where the network leaves it open
    resize: letterbox        # letterbox, letterbox_centred, stretch or none
    channel_order: bgr       # bgr or rgb
    scale: 1.0               # (pixel * scale - mean) / std, pixels 0..255
    mean: [0, 0, 0]          # in the order of `channel_order`
    std: [1, 1, 1]
    pad_value: 114           # pixel value beside the picture
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TypeVar

import yaml

from mmpsearch.errors import ModelLoadError

RESIZES = ("letterbox", "letterbox_centred", "stretch", "none")
CHANNEL_ORDERS = ("bgr", "rgb")


@dataclass(frozen=True)
class GraphSettings:
    """Pre-processing.

    Attributes:
        input_size: (height, width) of the network's input; None: any size.
        resize: ``letterbox`` and ``letterbox_centred`` keep the aspect and fill with
            ``pad_value`` at the right and below, or all round; ``stretch`` resizes to
            the input size; ``none`` does not resize.
        channel_order: Order of the channels, ``bgr`` or ``rgb``.
        scale: Factor of the pixels 0..255.
        mean: Subtracted after scaling, in the order of ``channel_order``.
        std: Divides what is left.
        pad_value: Pixel value 0..255 beside the picture.
    """

    input_size: tuple[int, int] | None = None
    resize: str = "stretch"
    channel_order: str = "bgr"
    scale: float = 1.0
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    pad_value: int = 114

    def __post_init__(self) -> None:
        if self.resize not in RESIZES:
            raise ValueError(
                f"resize is {self.resize!r}, not one of {', '.join(RESIZES)}"
            )
        if self.channel_order not in CHANNEL_ORDERS:
            raise ValueError(f"channel_order is {self.channel_order!r}, not bgr or rgb")
        for name, length in (("input_size", 2), ("mean", 3), ("std", 3)):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _numbers(name, value, length))
        if min(self.std) <= 0 or min(self.input_size or (1,)) <= 0:
            raise ValueError("std and input_size must be above 0")


Settings = TypeVar("Settings", bound=GraphSettings)


def _numbers(name: str, value, length: int) -> tuple:
    numbers = isinstance(value, (list, tuple)) and all(
        isinstance(one, (int, float)) for one in value
    )
    if not numbers or len(value) != length:
        raise ValueError(f"{name} is {value!r}, not {length} numbers")
    return tuple(int(one) if name == "input_size" else float(one) for one in value)


def given_settings(path: Path, settings: Mapping | None) -> tuple[dict, str]:
    """What is said about a network, and where.

    Args:
        path: Of the network; a yaml of its name beside it counts where ``settings``
            is None.
        settings: Of a catalogue.

    Raises:
        ModelLoadError: The yaml is no yaml, or has no keys.
    """
    if settings is not None:
        return dict(settings), f"the settings of {path.name}"
    file = path.with_suffix(".yaml")
    if not file.is_file():
        return {}, str(file)
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelLoadError(f"{file} is no yaml: {error}") from error
    if not isinstance(content, dict):
        raise ModelLoadError(f"{file} must have keys, such as `channel_order: bgr`")
    return content, str(file)


def with_given(defaults: Settings, given: Mapping, where: str) -> Settings:
    """The defaults, changed by what is given.

    Args:
        defaults: A settings object.
        given: Key -> value.
        where: File or catalogue entry, for messages.

    Raises:
        ModelLoadError: An unknown key, or a value that does not fit.
    """
    known = [field.name for field in fields(defaults)]
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {known}"
            raise ModelLoadError(f"{where}: unknown key {key!r}; {hint}")
    try:
        return replace(defaults, **given)
    except (ValueError, TypeError) as error:
        raise ModelLoadError(f"{where}: {error}") from error
