"""Numbers of public cross-modality code, see ``tests/data/cross_modality``."""

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tests.test_models.reid_golden import key_fill

DATA = Path(__file__).parent / "data" / "cross_modality"


def sinkhorn_numbers() -> dict:
    """``sinkhorn.json`` with float64 tensors for lists."""
    return _tensors(json.loads((DATA / "sinkhorn.json").read_text()))


def _tensors(value):
    if isinstance(value, dict):
        return {key: _tensors(each) for key, each in value.items()}
    if isinstance(value, list):
        return torch.tensor(value, dtype=torch.float64)
    return value


def agw_numbers(method: str) -> dict[str, Tensor]:
    """Outputs of ``agw`` or ``base``, without that prefix."""
    with np.load(DATA / "agw_forward.npz", allow_pickle=False) as file:
        return {
            key.removeprefix(f"{method}_"): torch.from_numpy(np.asarray(file[key]))
            for key in file.files
            if key.startswith(f"{method}_")
        }


def agw_state(method: str) -> dict[str, Tensor]:
    """The released network's state dict, every entry filled by its key."""
    shapes = json.loads((DATA / "agw_keys.json").read_text())
    state = {}
    for key, shape in shapes.items():
        non_local = key.startswith("NL_")
        if method == "base" and non_local:
            continue
        if key.endswith("num_batches_tracked"):
            state[key] = torch.tensor(0)
            continue
        scale = 0.1
        if len(shape) > 1:
            scale = (12 / np.prod(shape[1:])) ** 0.5 * (0.1 if non_local else 1)
        gain = key.endswith("running_var") or (
            key.endswith("weight") and len(shape) == 1
        )
        state[key] = key_fill(key, tuple(shape), scale) + (1 if gain else 0)
    return state


def ddag_numbers() -> dict[str, Tensor]:
    """Outputs of the released DDAG."""
    with np.load(DATA / "ddag_forward.npz", allow_pickle=False) as file:
        return {key: torch.from_numpy(np.asarray(file[key])) for key in file.files}


def ddag_state() -> dict[str, Tensor]:
    """The released DDAG's state dict, every entry filled by its key."""
    state = {}
    for key, entry in json.loads((DATA / "ddag_keys.json").read_text())["keys"].items():
        shape, kind = tuple(entry["shape"]), entry["kind"]
        if kind == "counter":
            state[key] = torch.tensor(0)
            continue
        scale = 0.1
        if key.endswith((".W", ".a")):
            scale = (12 / shape[0]) ** 0.5
        elif len(shape) > 1:
            scale = (12 / np.prod(shape[1:])) ** 0.5
            scale *= 0.1 if key.startswith("wpa.") else 1
        state[key] = key_fill(key, shape, scale) + (1 if kind == "norm_plus1" else 0)
    return state


def modality_images() -> Tensor:
    """``(4, 3, 288, 144)``: two RGB pictures, then two infrared ones."""
    pictures = []
    for name, channels in (("rgb", 3), ("ir", 1)):
        coarse = key_fill(name, (2, channels, 9, 5), 4)
        fine = torch.nn.functional.interpolate(
            coarse, (288, 144), mode="bilinear", align_corners=False
        )
        pictures.append(fine.expand(-1, 3, -1, -1))
    return torch.cat(pictures)
