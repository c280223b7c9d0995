"""Training and test images of an own data set: by time, by camera or by person."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mmpsearch.datasets.person_search.own.scenes import OwnScenes
from mmpsearch.errors import DataOptionError

RULES = ("time", "camera", "person")


def test_images(
    own: OwnScenes,
    by: str,
    test_share: float = 0.5,
    cameras: Sequence[str] | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Which images are for testing.

    - ``"time"``: the last ``test_share`` of the images of every camera.
    - ``"camera"``: the images of ``cameras``, by default of the last ``test_share``
      of them in sorted order.
    - ``"person"``: every image that shows one of the test people, who are a random
      ``test_share`` of all; nobody is then in both parts with a label, but scenes
      full of people leave few images to train on.

    Args:
        own: The whole data set.
        by: The rule.
        test_share: Share of images, cameras or people, in (0, 1), rounded up.
        cameras: Names, for ``by="camera"``.
        seed: Of the choice of people.

    Returns:
        (I,) bool.

    Raises:
        DataOptionError: An option that does not exist, or an unknown camera.
    """
    if by not in RULES:
        raise DataOptionError(f"split.by must be one of {RULES}, got {by!r}")
    if not 0 < test_share < 1:
        raise DataOptionError(f"split.test_share must be in (0, 1), got {test_share}")
    if cameras is not None and by != "camera":
        raise DataOptionError("split.cameras goes with split.by='camera'")
    if by == "time":
        return _last_of_each_camera(own, test_share)
    if by == "camera":
        chosen = _camera_ids(own, cameras, test_share)
        return np.isin(own.scenes.cameras, chosen)
    people = np.unique(own.scenes.person_ids[own.scenes.person_ids >= 0])
    order = np.random.default_rng(seed).permutation(people)
    chosen = order[: math.ceil(test_share * len(people))]
    shown = np.isin(own.scenes.person_ids, chosen)
    return np.isin(np.arange(own.scenes.num_images), own.scenes.images_of_boxes[shown])


def _last_of_each_camera(own: OwnScenes, share: float) -> np.ndarray:
    is_test = np.zeros(own.scenes.num_images, dtype=bool)
    for camera in np.unique(own.scenes.cameras):
        images = np.flatnonzero(own.scenes.cameras == camera)
        images = images[np.argsort(own.order[images], kind="stable")]
        is_test[images[len(images) - math.ceil(share * len(images)) :]] = True
    return is_test


def _camera_ids(own: OwnScenes, names: Sequence[str] | None, share: float) -> list[int]:
    if names is None:
        number = math.ceil(share * len(own.cameras))
        return list(range(len(own.cameras) - number, len(own.cameras)))
    unknown = [name for name in map(str, names) if name not in own.cameras]
    if unknown:
        raise DataOptionError(
            f"split.cameras: there is no camera {unknown[0]!r}, there are "
            f"{', '.join(own.cameras) or 'none with a name'}"
        )
    return [own.cameras.index(str(name)) for name in names]
