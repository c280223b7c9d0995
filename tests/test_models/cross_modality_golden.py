"""Numbers of public cross-modality code, see ``tests/data/cross_modality``."""

import json
import math
import zlib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

DATA = Path(__file__).parents[1] / "data" / "cross_modality"


def golden_arrays(name: str) -> dict[str, Tensor]:
    """Arrays of one file as tensors; 0-d arrays become scalars."""
    with np.load(DATA / f"{name}.npz", allow_pickle=False) as file:
        return {key: torch.from_numpy(np.asarray(file[key])) for key in file.files}


def golden_keys(name: str) -> dict:
    """Names, shapes and kinds of a public network's weights."""
    return json.loads((DATA / f"{name}_keys.json").read_text())


def uniform(name: str, shape: tuple[int, ...], scale: float) -> Tensor:
    """Uniform numbers around 0 that depend on a name alone."""
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    return (torch.rand(shape, generator=generator) - 0.5) * scale


def ddag_state() -> dict[str, Tensor]:
    """Weights under the released code's names, each filled by its name."""
    state = {}
    for key, entry in golden_keys("ddag")["keys"].items():
        shape = tuple(entry["shape"])
        if entry["kind"] == "counter":
            state[key] = torch.tensor(0)
            continue
        scale = 0.1
        if key.endswith((".W", ".a")):
            scale = math.sqrt(12 / shape[0])
        elif len(shape) >= 2:
            scale = math.sqrt(12 / math.prod(shape[1:]))
        if key.startswith("wpa."):
            scale = scale * 0.1 if len(shape) >= 2 else 0.1
        state[key] = uniform(key, shape, scale) + (entry["kind"] == "norm_plus1")
    return state


def modality_images(name: str) -> Tensor:
    """Two images ``(2, 3, 288, 144)`` of ``rgb`` or ``ir``."""
    small = uniform(name, (2, 3 if name == "rgb" else 1, 9, 5), 4.0)
    large = F.interpolate(small, (288, 144), mode="bilinear", align_corners=False)
    return large.expand(-1, 3, -1, -1)
