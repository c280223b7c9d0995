"""Fill the gallery in the background, telling how far it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import numpy as np

from mmpsearch.apis.gallery_update import update_gallery
from mmpsearch.apis.image_sources import SourceImage, is_video, list_files
from mmpsearch.apis.reading_report import count
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.sources.cameras import parse_start
from mmpsearch.apis.sources.seeking import video_length
from mmpsearch.apis.tracks.byte_track import TrackOptions
from mmpsearch.app.jobs import Job
from mmpsearch.app.media import MediaRoots, printable_name
from mmpsearch.app.turns import InTurn, Turns
from mmpsearch.errors import ImageReadError
from mmpsearch.gallery.gallery import Gallery

FRAME_STEP = 10
Tell = Callable[[float, str], None]


def add_source(
    job: Job,
    tell: Tell,
    inferencer: SceneInferencer,
    gallery: Gallery,
    media: MediaRoots,
    turns: Turns,
) -> None:
    """Add the people of a file or folder to the gallery.

    What was added before and has not changed is skipped, so a job that is taken up
    again goes on.

    Args:
        job: With the path as ``what``; ``options`` may have ``camera``, ``start``,
            ``fps``, ``frame_step`` and ``tracks``. Where the gallery was filled
            already, its own settings count.
        tell: Takes share and words.
        inferencer: The model.
        gallery: Open for writing.
        media: Folders that may be read.
        turns: Of all who use the model.

    Raises:
        InputError: The path lies outside, or options do not fit.
    """
    media.allowed(job.what)
    path = os.path.abspath(job.what)
    options = dict(job.options)
    watched = _Watched(inferencer, turns, _Progress(list_files(path), tell))
    report = update_gallery(
        watched,
        gallery,
        path,
        camera=options.get("camera") or None,
        start=parse_start(options["start"]) if options.get("start") else None,
        **_frames(gallery, options),
    )
    job.failed = [
        [printable_name(error.path), printable_name(error.reason)]
        for error in report.unreadable
    ]
    words = [
        f"{count(report.people, 'person', 'people')} in "
        f"{count(report.images, 'picture')}"
    ]
    for number, what in (
        (report.skipped, "unchanged"),
        (report.gone, "gone and removed"),
        (report.suppressed, "removed for good before and left out"),
        (len(report.unreadable), "unreadable"),
    ):
        if number:
            words.append(f"{count(number, 'file')} {what}")
    tell(1.0, ", ".join(words))


def _frames(gallery: Gallery, options: dict) -> dict:
    """How videos are read: as those before them, else as the options say."""
    known = gallery.settings
    if "fps" in known:
        rate = {"fps": known["fps"]}
    elif "frame_step" in known:
        rate = {"frame_step": int(known["frame_step"])}
    elif options.get("fps"):
        rate = {"fps": float(options["fps"])}
    else:
        rate = {"frame_step": int(options.get("frame_step") or FRAME_STEP)}
    tracks = known.get("tracks", float(bool(options.get("tracks"))))
    return rate | {"tracks": TrackOptions() if tracks else None}


class _Progress:
    """Says how far the reading of files is."""

    def __init__(self, files: Sequence[str], tell: Tell) -> None:
        self._places = {file: place for place, file in enumerate(files)}
        self._lengths: dict[str, float] = {}
        self._tell = tell
        self.people = 0

    def at(self, image: SourceImage) -> None:
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


class _Watched(InTurn):
    def __init__(
        self, inferencer: SceneInferencer, turns: Turns, progress: _Progress
    ) -> None:
        super().__init__(inferencer, turns)
        self._progress = progress

    def _find(self, batch: Sequence[SourceImage]) -> Sequence[tuple[np.ndarray, ...]]:
        self._progress.at(batch[0])
        found = super()._find(batch)
        self._progress.people += sum(len(one[0]) for one in found)
        return found
