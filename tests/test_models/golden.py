"""Numbers of the public SPNet implementation, see ``tests/data/spnet``."""

import gzip
import json
from functools import cache
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


@cache
def public_keys() -> dict[str, dict]:
    """Of every public model: ``shapes`` by key, and the ``integer`` keys."""
    return json.loads(gzip.decompress((DATA / "public_keys.json.gz").read_bytes()))
