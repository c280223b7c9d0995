"""Follow the people of one video, and write what was seen as a camera's folder.

The folder is a sequence in MOT Challenge's layout: ``img1/000001.jpg`` (the frames that
were looked at, numbered as in the video), ``gt/gt.txt`` (the tracks), ``seqinfo.ini``
and ``embeddings.npz`` (what each track looks like).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from mmpsearch.apis.image_sources import SourceImage, iter_images
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.tracks.byte_track import PersonTracker, TrackOptions
from mmpsearch.datasets.io.mot_files import MotRows, write_mot
from mmpsearch.datasets.person_search.own.track_folder import EMBEDDINGS
from mmpsearch.gallery.detections import Detections, normalise

QUALITY = 95
MIN_LENGTH = 5


@dataclass(frozen=True)
class Followed:
    """What was seen in a video: counts of frames looked at, boxes and tracks."""

    frames: int
    boxes: int
    tracks: int

    def __str__(self) -> str:
        return f"{self.frames} frames, {self.boxes} boxes, {self.tracks} tracks"


def follow_video(
    video: str | Path,
    folder: str | Path,
    inferencer: SceneInferencer,
    frame_step: int = 1,
    min_length: int = MIN_LENGTH,
    tell: Callable[[int], None] = lambda frames: None,
) -> Followed:
    """Write a camera's folder; it appears when it is complete.

    Args:
        video: A video, or a folder of numbered frames.
        folder: To be made, named as the camera; nothing may be there yet.
        inferencer: Finds and embeds people.
        frame_step: Every so many-th frame is looked at.
        min_length: Frames of the shortest track; boxes of shorter ones are nobody's.
        tell: Takes the number of frames seen, after each.

    Raises:
        ImageReadError: The video cannot be read.
    """
    folder = Path(folder)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        seen = _follow(Path(video), part, inferencer, frame_step, tell)
        rows = _write(part, folder.name, seen, min_length)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    tracks = np.unique(rows.tracks[rows.tracks >= 0])
    return Followed(seen.frames, len(rows), len(tracks))


@dataclass
class _Sightings:
    """Boxes, tracks and mean embeddings, as they come.

    Attributes:
        rows: frame (from 1), track, box (x1, y1, x2, y2).
        sums: track -> sum of its embeddings.
        size: Height and width of the frames.
        frames: Frames that were looked at.
    """

    rows: list[tuple] = field(default_factory=list)
    sums: dict[int, np.ndarray] = field(default_factory=dict)
    size: tuple[int, int] = (0, 0)
    frames: int = 0

    def add(self, frame: int, found: Detections, tracks: np.ndarray) -> None:
        """Take the people of one frame; track -1 is nobody's."""
        self.size, self.frames = (found.height, found.width), self.frames + 1
        for place, track in enumerate(tracks.tolist()):
            box = found.boxes[place].tolist()
            self.rows.append((frame, track, *box))
            if track >= 0:
                embedding = found.embeddings[place].astype(np.float64)
                self.sums[track] = self.sums.get(track, 0) + embedding

    def tracks(self, min_length: int) -> MotRows:
        """All boxes; those of short tracks without a track, tracks numbered from 1."""
        table = np.array(self.rows, dtype=np.float64).reshape(-1, 6)
        numbers = table[:, 1].astype(np.int64)
        found, counts = np.unique(numbers[numbers >= 0], return_counts=True)
        order = {t: i for i, t in enumerate(found[counts >= min_length].tolist(), 1)}
        self.sums = {order[t]: s for t, s in self.sums.items() if t in order}
        tracks = [order.get(number, -1) for number in numbers.tolist()]
        ones = np.ones(len(table))
        return MotRows(
            frames=table[:, 0].astype(np.int64),
            tracks=np.array(tracks, dtype=np.int64),
            boxes=table[:, 2:6],
            considered=ones > 0,
            scores=ones,
            classes=ones.astype(np.int64),
            visibility=ones,
        )


def _follow(
    video: Path,
    out: Path,
    inferencer: SceneInferencer,
    frame_step: int,
    tell: Callable[[int], None],
) -> _Sightings:
    tracker = PersonTracker(inferencer.score_threshold, TrackOptions())
    seen, numbers = _Sightings(), []
    (out / "img1").mkdir(parents=True)
    (out / "gt").mkdir()

    def saved() -> Iterator[SourceImage]:
        """The frames, each written before it is looked at."""
        for position, image in enumerate(iter_images(video, frame_step), start=1):
            numbers.append(_frame_number(image, position))
            file = out / "img1" / f"{numbers[-1]:06d}.jpg"
            cv2.imwrite(str(file), image.pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            yield image

    for place, found in enumerate(inferencer.detect_stream(saved())):
        tracker.update(found)
        seen.add(numbers[place], found, tracker.numbers)
        tell(seen.frames)
    return seen


def _frame_number(image: SourceImage, position: int) -> int:
    """Number of a frame from 1: in the video, in the picture's name, or its place."""
    if image.frame >= 0:
        return image.frame + 1
    stem = Path(image.path).stem
    return int(stem) if stem.isdecimal() and int(stem) > 0 else position


def _write(out: Path, name: str, seen: _Sightings, min_length: int) -> MotRows:
    """Write the tracks beside the frames."""
    rows = seen.tracks(min_length)
    # As CVAT writes and reads it: with labels, pixels counted from 0.
    write_mot(out / "gt" / "gt.txt", rows, first_pixel=0)
    (out / "gt" / "labels.txt").write_text("person\n", encoding="utf-8")
    tracks = sorted(seen.sums)
    if tracks:
        embeddings = normalise(np.stack([seen.sums[t] for t in tracks]))
        np.savez(
            out / EMBEDDINGS,
            tracks=np.array(tracks),
            embeddings=embeddings.astype(np.float32),
        )
    height, width = seen.size
    last = max((int(path.stem) for path in (out / "img1").iterdir()), default=0)
    (out / "seqinfo.ini").write_text(
        f"[Sequence]\nname={name}\nimDir=img1\nseqLength={last}\nimWidth={width}\n"
        f"imHeight={height}\nimExt=.jpg\n",
        encoding="utf-8",
    )
    return rows
