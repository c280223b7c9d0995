"""The SYSU-MM01 layout: ``camC/IIII/NNNN.jpg``, id lists, gallery permutations."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from mmpsearch.datasets.synthetic.crop_options import CropOptions
from mmpsearch.datasets.synthetic.crop_plan import CropSpec
from mmpsearch.datasets.synthetic.manifest import write_atomically
from mmpsearch.datasets.synthetic.seeds import stream
from mmpsearch.datasets.synthetic.writers import mat5

_TRIALS = 10


def name_sysu_mm01(options: CropOptions, drafts: list[CropSpec]) -> list[CropSpec]:
    """Camera, person and number of the picture, from 1 without holes."""
    return [
        replace(d, path=f"cam{d.camera + 1}/{d.person_id:04d}/{d.serial:04d}.jpg")
        for d in drafts
    ]


def write_sysu_mm01(
    root: Path, options: CropOptions, plan: list[CropSpec]
) -> dict[str, int]:
    """Write the folder ``exp``; returns the pictures of each part.

    Every camera has its folder. ``rand_perm_cam.mat`` holds, as the official file
    does, a cell per camera with a cell per person id of 10 permutations of the
    person's picture numbers.
    """
    for camera in range(options.cameras):
        (root / f"cam{camera + 1}").mkdir(parents=True, exist_ok=True)
    parts = {"train": "train", "val": "val", "query": "test", "gallery": "test"}
    people: dict[str, set[int]] = {"train": set(), "val": set(), "test": set()}
    for spec in plan:
        people[parts[spec.split]].add(spec.person_id)
    people["available"] = set.union(*people.values())
    for part, ids in people.items():
        line = ",".join(map(str, sorted(ids))) + "\n"
        write_atomically(root / "exp" / f"{part}_id.txt", line.encode())
    folders = Counter((spec.camera, spec.person_id) for spec in plan)
    last = max(people["available"])
    mat5.save_matrix(
        root / "exp" / "rand_perm_cam.mat",
        "rand_perm_cam",
        lambda name: _permutations(options, folders, last, name),
    )
    counts = Counter(spec.split for spec in plan)
    return {part: counts[part] for part in parts}


def _permutations(
    options: CropOptions, folders: Counter, last: int, name: str
) -> bytes:
    rng = stream(options.seed, "plan", 104)
    cameras = []
    for camera in range(options.cameras):
        people = []
        for person in range(1, last + 1):
            count = folders[camera, person]
            rows = [rng.permutation(count) + 1 for _ in range(_TRIALS)]
            people.append(mat5.numeric(np.reshape(rows, (_TRIALS, count))))
        cameras.append(mat5.cell(people, (last, 1)))
    return mat5.cell(cameras, (options.cameras, 1), name)
