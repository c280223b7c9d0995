"""The whole job for crops: name the files, render them, write the lists."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from mmpsearch.datasets.synthetic.crop_options import CropOptions
from mmpsearch.datasets.synthetic.crop_plan import draft_crops
from mmpsearch.datasets.synthetic.crop_render import render_crops
from mmpsearch.datasets.synthetic.writers.reid import CROP_WRITERS


def make_synthetic_crops(
    options: CropOptions,
    root: str | os.PathLike,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, int]:
    """Make a re-identification data set in an official layout, or complete one.

    Args:
        options: See :func:`mmpsearch.datasets.synthetic.make_crop_options`.
        root: Folder of the data set.
        workers: Number of processes; the result does not depend on it.
        progress: Called with (pictures done, pictures in all).

    Returns:
        Counts of what the layout holds: files of each split.

    Raises:
        ManifestError: ``root`` holds something else.
    """
    name, write = CROP_WRITERS[options.layout]
    plan = name(options, draft_crops(options))
    render_crops(options, plan, root, workers, progress)
    return write(Path(root), options, plan)
