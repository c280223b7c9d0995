"""Numbers of iBOT's public code, see ``tests/data/pretraining``."""

import json
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data" / "pretraining"


def golden_arrays(name: str) -> dict[str, np.ndarray]:
    """Arrays of one file."""
    with np.load(DATA / f"{name}.npz", allow_pickle=False) as file:
        return {key: np.asarray(file[key]) for key in file.files}


def golden_keys() -> dict:
    """Names, groups and shapes of the parameters of ``pretrain_step.npz``."""
    return json.loads((DATA / "pretrain_step_keys.json").read_text())
