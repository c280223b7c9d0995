"""Whom to search for in an own test set."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import numpy as np

from mmpsearch.datasets.person_search.annotations import SceneAnnotations
from mmpsearch.errors import DataOptionError

PER, CHOOSE = ("camera", "person", "image"), ("largest", "first", "random")


def choose_queries(
    scenes: SceneAnnotations,
    order: np.ndarray,
    per: Literal["camera", "person", "image"] = "camera",
    choose: Literal["largest", "first", "random"] = "largest",
    seed: int = 0,
    unwanted: Collection[int] = (),
) -> np.ndarray:
    """One box of every person and camera (or of every person, or every one).

    Only people who are seen in two images or more can be found again, and only they
    are searched for.

    Args:
        scenes: The test images.
        order: (I,) rank of the images in time.
        per: Queries per person: one in every camera, one altogether, or all.
        choose: Which box: the largest one, the first one, or a random one.
        seed: Of the random choice.
        unwanted: People who are not searched for, such as those of training images.

    Returns:
        (Q,) int64 positions among the boxes, by person and camera.

    Raises:
        DataOptionError: An option that does not exist.
    """
    if per not in PER:
        raise DataOptionError(f"queries.per must be one of {PER}, got {per!r}")
    if choose not in CHOOSE:
        raise DataOptionError(f"queries.choose must be one of {CHOOSE}, got {choose!r}")
    images, people = scenes.images_of_boxes, scenes.person_ids
    boxes = np.flatnonzero((people >= 0) & ~np.isin(people, list(unwanted)))
    pairs = np.unique(np.stack([people[boxes], images[boxes]]), axis=1)
    again = pairs[0][np.flatnonzero(np.bincount(pairs[0])[pairs[0]] > 1)]
    boxes = boxes[np.isin(people[boxes], again)]
    random = np.random.default_rng(seed).permutation(len(people))
    width, height = (scenes.boxes[:, 2:] - scenes.boxes[:, :2]).T
    ranks = {"largest": -width * height, "first": order[images], "random": random}
    boxes = boxes[np.lexsort((order[images[boxes]], ranks[choose][boxes]))]
    groups = {
        "camera": np.stack([people, scenes.cameras[images]]),
        "person": people[None],
        "image": np.stack([people, images]),
    }[per][:, boxes]
    _, first = np.unique(groups, axis=1, return_index=True)
    return boxes[first]
