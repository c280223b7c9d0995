"""Who uses the model next: who waits at the page, before work in the background."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.apis.scene_inferencer import SceneInferencer


class Turns:
    """One at a time; whoever takes ``later`` lets all others go first."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._busy, self._waiting = False, 0

    @contextmanager
    def now(self) -> Iterator[None]:
        """A turn for somebody who waits at the page."""
        with self._free:
            self._waiting += 1
            self._free.wait_for(lambda: not self._busy)
            self._waiting -= 1
            self._busy = True
        yield from self._turn()

    @contextmanager
    def later(self) -> Iterator[None]:
        """A turn for work in the background."""
        with self._free:
            self._free.wait_for(lambda: not self._busy and not self._waiting)
            self._busy = True
        yield from self._turn()

    def _turn(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._free:
                self._busy = False
                self._free.notify_all()


class InTurn(SceneInferencer):
    """An inferencer that takes turns with the page's users, picture by picture.

    Args:
        inferencer: Does the work.
        turns: Of all who use it.
    """

    def __init__(self, inferencer: SceneInferencer, turns: Turns) -> None:
        self._inferencer, self._turns = inferencer, turns
        self.fingerprint = inferencer.fingerprint
        self.score_threshold = inferencer.score_threshold
        self.batch_size = inferencer.batch_size
        self.drawn_people = inferencer.drawn_people

    def _find(self, batch: Sequence[SourceImage]) -> Sequence[tuple[np.ndarray, ...]]:
        with self._turns.later():
            return self._inferencer._find(batch)

    def _embed(self, image: SourceImage, boxes: np.ndarray) -> np.ndarray:
        with self._turns.later():
            return self._inferencer._embed(image, boxes)
