"""How far work in the background is, told while its pictures are looked at."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import numpy as np

from mmpsearch.apis.image_sources import SourceImage, is_video
from mmpsearch.apis.reading_report import count
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.sources.seeking import video_length
from mmpsearch.app.media import printable_name
from mmpsearch.app.turns import InTurn, Turns
from mmpsearch.errors import ImageReadError

Tell = Callable[[float, str], None]


class Progress:
    """Says how far the reading of files is.

    Args:
        files: In their order.
        tell: Takes share and words.
    """

    def __init__(self, files: Sequence[str], tell: Tell) -> None:
        self._places = {file: place for place, file in enumerate(files)}
        self._lengths: dict[str, float] = {}
        self._tell = tell
        self.people = 0

    def at(self, image: SourceImage) -> None:
        """A picture is about to be looked at."""
        place = self._places.get(image.path, 0)
        part = 0.0
        if image.time is not None:
            part = min(1.0, image.time / max(self._length(image.path), 1e-9))
        share = (place + part) / max(1, len(self._places))
        name = printable_name(os.path.basename(image.path))
        self._tell(
            share,
            f"file {place + 1} of {len(self._places)}, "
            f"{count(self.people, 'person', 'people')} so far: {name}",
        )

    def _length(self, path: str) -> float:
        if path not in self._lengths:
            try:
                known = is_video(path)
                self._lengths[path] = video_length(path) if known else 0.0
            except ImageReadError:
                self._lengths[path] = 0.0
        return self._lengths[path] or float("inf")


class Watched(InTurn):
    """An inferencer in turn, whose progress is told picture by picture.

    Args:
        inferencer: Does the work.
        turns: Of all who use it.
        progress: Is told.
    """

    def __init__(
        self, inferencer: SceneInferencer, turns: Turns, progress: Progress
    ) -> None:
        super().__init__(inferencer, turns)
        self._progress = progress

    def _find(self, batch: Sequence[SourceImage]) -> Sequence[tuple[np.ndarray, ...]]:
        self._progress.at(batch[0])
        found = super()._find(batch)
        self._progress.people += sum(len(one[0]) for one in found)
        return found
