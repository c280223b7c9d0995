"""The galleries of SYSU-MM01's trials, as both published samplings draw them.

A trial keeps one picture (single-shot) or ten (multi-shot) of every person under every
visible camera. Two samplings are in use and give slightly different numbers:

- ``python``: AGW, DDAG, CAJ and MMGL seed Python's ``random`` with the number of the
  trial and draw from the sorted file names, person after person;
- ``matlab``: the authors' evaluation, MPANet and MutualInfo take the first pictures
  of a row of published permutations, camera after camera.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mmpsearch.evaluation.functional.distance_rows import as_array

NUM_TRIALS = 10
SHOTS = {"single": 1, "multi": 10}
CAMERAS = {"all": (1, 2, 4, 5), "indoor": (1, 2)}


def python_galleries(
    person_ids: Any,
    camera_ids: Any,
    cameras: Sequence[int],
    shots: int,
    num_trials: int = NUM_TRIALS,
) -> list[np.ndarray]:
    """Galleries as ``random.seed(trial)`` draws them.

    Args:
        person_ids: ``(N,)`` integers of the candidates. Those of one person and
            camera are in the order of their file names.
        camera_ids: ``(N,)`` integers.
        cameras: cameras of the gallery, in the order in which they are drawn.
        shots: pictures per person and camera; 1 is ``random.choice``, more is
            ``random.sample``. Where there are fewer, all are taken, in random order.
        num_trials: galleries to draw; trial t has seed t.

    Returns:
        Indices into the candidates, ``(G,)`` int64 for each trial, in the order of
        the reference code: by person, then camera, then as drawn.
    """
    folders = _folders(person_ids, camera_ids)
    people = np.unique(as_array(person_ids)).tolist()
    order = [
        folders[camera, person]
        for person in people
        for camera in cameras
        if (camera, person) in folders
    ]
    galleries = []
    for trial in range(num_trials):
        draw = random.Random(trial)
        chosen = [
            [draw.choice(pictures)]
            if shots == 1
            else draw.sample(pictures, min(shots, len(pictures)))
            for pictures in order
        ]
        galleries.append(_flat(chosen))
    return galleries


def matlab_galleries(
    person_ids: Any,
    camera_ids: Any,
    cameras: Sequence[int],
    shots: int,
    permutations: Mapping[tuple[int, int], np.ndarray],
    num_trials: int = NUM_TRIALS,
) -> list[np.ndarray]:
    """Galleries as the published permutations give them.

    Args:
        person_ids, camera_ids, cameras, shots: as of :func:`python_galleries`.
        permutations: for (camera, person) an integer array ``(T, n)``; row t is trial
            t's permutation of the picture numbers 1 to n.
        num_trials: at most T.

    Returns:
        As of :func:`python_galleries`, by camera, then person, then permutation.

    Raises:
        ValueError: permutations are missing, or are of another number of pictures or
            of fewer trials.
    """
    folders = _folders(person_ids, camera_ids)
    people = np.unique(as_array(person_ids)).tolist()
    order = [
        (camera, person)
        for camera in cameras
        for person in people
        if (camera, person) in folders
    ]
    for camera, person in order:
        table = permutations.get((camera, person), np.empty((0, 0)))
        count = len(folders[camera, person])
        if table.shape[0] < num_trials or table.shape[1] != count:
            raise ValueError(
                f"person {person} has {count} pictures under camera {camera}, but the "
                f"gallery permutations have {table.shape[0]} trials of "
                f"{table.shape[1]} pictures; use the permutation file of this very "
                "data set, or protocol='python'"
            )
    return [
        _flat(
            [
                [folders[key][n - 1] for n in permutations[key][trial][:shots].tolist()]
                for key in order
            ]
        )
        for trial in range(num_trials)
    ]


def _folders(person_ids: Any, camera_ids: Any) -> dict[tuple[int, int], list[int]]:
    """Candidates of every (camera, person), ascending."""
    found: dict[tuple[int, int], list[int]] = {}
    cameras, people = as_array(camera_ids).tolist(), as_array(person_ids).tolist()
    for index, key in enumerate(zip(cameras, people, strict=True)):
        found.setdefault(key, []).append(index)
    return found


def _flat(chosen: list[list[int]]) -> np.ndarray:
    return np.array([index for group in chosen for index in group], dtype=np.int64)
