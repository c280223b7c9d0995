"""Numbers of public re-identification code, see ``tests/data/reid_models``."""

import json
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

DATA = Path(__file__).parents[1] / "data" / "reid_models"


def golden_arrays(name: str) -> dict[str, Tensor]:
    """Arrays of one file as tensors; 0-d arrays become scalars."""
    with np.load(DATA / f"{name}.npz", allow_pickle=False) as file:
        return {key: torch.from_numpy(np.asarray(file[key])) for key in file.files}


def golden_keys(network: str) -> dict[str, list[int]]:
    """State-dict keys and shapes of one public network."""
    return json.loads((DATA / "vit_keys.json").read_text())[network]


def key_fill(key: str, shape: tuple[int, ...], scale: float) -> Tensor:
    """Uniform numbers that depend on the key alone."""
    generator = torch.Generator().manual_seed(zlib.crc32(key.encode()))
    return (torch.rand(tuple(shape), generator=generator) - 0.5) * scale


def filled_state(keys: dict[str, list[int]], scale: float) -> dict[str, Tensor]:
    """A state dict: every entry filled by its key, gains and variances around 1."""
    state = {}
    for key, shape in keys.items():
        if key.endswith("num_batches_tracked"):
            state[key] = torch.tensor(0)
            continue
        value = key_fill(key, shape, scale)
        gain = len(shape) == 1 and key.endswith(".weight")
        state[key] = value + 1 if gain or key.endswith("running_var") else value
    return state


def wave_images(
    height: int = 256, width: int = 128, phase: float = 0.0, batch: int = 2
) -> Tensor:
    """Smooth test images ``(B, 3, H, W)``."""
    b, c, i, j = np.meshgrid(*map(np.arange, (batch, 3, height, width)), indexing="ij")
    values = np.sin(0.05 * (c + 1) * i + 0.07 * j + b + phase)
    return torch.from_numpy(values.astype(np.float32))
