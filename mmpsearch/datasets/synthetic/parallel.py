"""Drawing many pictures in several processes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

import cv2

from mmpsearch.errors import RenderingError
from mmpsearch.utils.parent_watch import end_with_parent


@contextmanager
def opencv_without_threads():
    """Workers are processes already, and OpenCV's threads do not survive a fork."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(0)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def draw_all(
    draw: Callable[..., None],
    items: Sequence,
    *shared,
    root: str | os.PathLike,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    total: int | None = None,
) -> None:
    """Call ``draw(*shared, item, root)`` for every item.

    Args:
        draw: Importable function that writes one picture.
        items: What to draw; neighbours are drawn by the same process.
        shared: Arguments that are the same for all.
        root: Folder of the data set.
        workers: Number of processes; 0 or 1 draws in this one.
        progress: Called with (pictures done, pictures in all).
        total: Pictures in all, those included that were there before.

    Raises:
        RenderingError: A worker died.
    """
    total = len(items) if total is None else total
    done = total - len(items)
    tell = progress or (lambda done, total: None)
    tell(done, total)
    with opencv_without_threads():
        if workers <= 1:
            for item in items:
                draw(*shared, item, str(root))
                done += 1
                tell(done, total)
            return
        if not items:
            return
        how = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
        context = multiprocessing.get_context(how)
        with ProcessPoolExecutor(workers, context, end_with_parent) as pool:
            jobs = [
                pool.submit(_draw_chunk, draw, shared, items[i : i + 16], str(root))
                for i in range(0, len(items), 16)
            ]
            try:
                for job in jobs:
                    done += job.result()
                    tell(done, total)
            except BaseException as error:
                pool.shutdown(wait=False, cancel_futures=True)
                if isinstance(error, BrokenProcessPool):
                    raise RenderingError(
                        f"a worker died while rendering into {root} (out of memory?); "
                        "the same command continues, perhaps with fewer --workers"
                    ) from error
                raise


def _draw_chunk(draw: Callable[..., None], shared: tuple, items, root: str) -> int:
    for item in items:
        draw(*shared, item, root)
    return len(items)
