"""Models that learned from drawn people, and the pictures they are wrong for."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.datasets.synthetic.manifest import MANIFEST

WARNING = (
    "The model learned from drawn people only: in photographs it misses people and "
    "mixes them up. Take one that was trained on photographs (docs/two_step_search.md)."
)


def drawn_people_warning(
    inferencer: SceneInferencer, files: Iterable[str | os.PathLike]
) -> str:
    """What to tell a user who searches photographs with a model of drawn people.

    Args:
        inferencer: The model.
        files: Pictures and videos that are searched.

    Returns:
        A warning, or ``""`` where the model learned from photographs (or nothing is
        known), or all files lie in folders of ``make_synthetic.py``.
    """
    if not inferencer.drawn_people:
        return ""
    folders = {os.path.dirname(os.path.abspath(file)) for file in files}
    return WARNING if any(not is_rendered(folder) for folder in folders) else ""


@cache
def is_rendered(folder: str) -> bool:
    """Whether the folder, or one that it lies in, was made by ``make_synthetic.py``."""
    path = Path(folder)
    return any((one / MANIFEST).is_file() for one in (path, *path.parents))
