"""The published permutations of SYSU-MM01's gallery pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mmpsearch.datasets.io.mat_files import load_mat
from mmpsearch.errors import DataLayoutError


def read_gallery_permutations(path: str | Path) -> dict[tuple[int, int], np.ndarray]:
    """Read ``exp/rand_perm_cam.mat``.

    Returns:
        For (camera, person id), both from 1, an int64 array (trials, n): each row is
        a permutation of the picture numbers 1 to n. People without a picture under a
        camera are left out.

    Raises:
        MatFileError: The file cannot be read.
        DataLayoutError: It is not a cell of cells of matrices.
    """
    cameras = load_mat(path, "rand_perm_cam").ravel()
    found = {}
    for camera, people in enumerate(cameras, start=1):
        if people.dtype != object:
            raise DataLayoutError(
                f"{path}: rand_perm_cam{{{camera}}} should be a cell with a matrix per "
                f"person, it is an array of {people.dtype}."
            )
        for person, table in enumerate(people.ravel(), start=1):
            if table.size:
                found[camera, person] = np.asarray(table, dtype=np.int64)
    return found
