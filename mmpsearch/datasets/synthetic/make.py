"""The whole job: render what is missing, then write the layout's annotations."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from mmpsearch.datasets.synthetic.options import SyntheticOptions
from mmpsearch.datasets.synthetic.render import render_dataset
from mmpsearch.datasets.synthetic.writers import WRITERS


def make_synthetic(
    options: SyntheticOptions,
    root: str | os.PathLike,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, int]:
    """Make a data set in an official layout, or complete an interrupted one.

    Args:
        options: See :func:`mmpsearch.datasets.synthetic.make_options`.
        root: Folder of the data set.
        workers: Number of processes; the result does not depend on it.
        progress: Called with (pictures done, pictures in all).

    Returns:
        Counts of what the layout holds: pictures, boxes, queries ...

    Raises:
        ManifestError: ``root`` holds something else.
    """
    plan, records = render_dataset(options, root, workers, progress)
    return WRITERS[options.layout](Path(root), options, plan, records)
