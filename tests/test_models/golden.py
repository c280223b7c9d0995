"""Numbers of the public SPNet implementation, see ``tests/data/spnet``."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

DATA = Path(__file__).parents[1] / "data" / "spnet"


def golden_tensors(name: str) -> dict[str, Tensor]:
    """Arrays of one file as tensors, strings left out."""
    with np.load(DATA / f"{name}.npz", allow_pickle=False) as file:
        return {
            key: torch.from_numpy(np.asarray(value))
            for key, value in file.items()
            if value.dtype.kind in "fiub"
        }
