"""Numbers of public RGB-infrared code, see ``tests/data/cross_modality``."""

import json
from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[1] / "data" / "cross_modality"


def golden_cases(name):
    """``{case: {field: array}}`` of one file."""
    cases = {}
    with np.load(DATA / f"{name}.npz", allow_pickle=False) as file:
        for key in file.files:
            case, field = key.split("__")
            cases.setdefault(case, {})[field] = np.asarray(file[key])
    return cases


def golden_sampling():
    """Counts of the true test set and the galleries drawn from it."""
    return json.loads((DATA / "sysu_gallery_sampling.json").read_text())


def candidates(sampling, cameras):
    """Person, camera and picture number of all test pictures, by person and camera."""
    counts = sampling["images_per_cam_and_id"]
    rows = [
        (person, camera, number)
        for person in sampling["test_ids"]
        for camera in cameras
        for number in range(1, counts[f"cam{camera}"].get(f"{person:04d}", 0) + 1)
    ]
    return np.array(rows).T
