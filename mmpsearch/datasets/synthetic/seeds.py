"""Random streams: one independent generator per identity, camera and scene.

A stream is named by the data set's seed and the thing it draws, so that a picture
does not depend on which worker drew it, or on what was drawn before it.
"""

from __future__ import annotations

import numpy as np

_KINDS = {"identity": 1, "camera": 2, "scene": 3, "plan": 4, "crop": 5, "video": 6}
SPLITS = {
    "train": 1,
    "test": 2,
    "unlabelled": 3,
    "unique": 4,
    "query": 5,
    "gallery": 6,
    "video": 7,
}


def stream(seed: int, kind: str, *keys: int | str) -> np.random.Generator:
    """The generator named ``(seed, kind, *keys)``.

    Args:
        seed: Seed of the whole data set, >= 0.
        kind: A name of ``_KINDS``, such as ``'identity'`` or ``'scene'``.
        keys: Non-negative integers or names of ``SPLITS``.
    """
    words = [SPLITS[key] if isinstance(key, str) else int(key) for key in keys]
    return np.random.default_rng([int(seed), _KINDS[kind], *words])
