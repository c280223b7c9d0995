"""Records: one person seen once (or one view of a track), as equally long columns."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.detections import Detections, normalise

MAX_NAME = 512  # characters of a camera's name


@dataclass(frozen=True)
class Records:
    """People with where and when they were seen.

    Attributes:
        ids: (N,) int64, each person's number in the gallery.
        embeddings: (N, D) float32, L2-normalised.
        boxes: (N, 4) float32, xyxy, pixels of the original picture.
        scores: (N,) float32, the detector's confidence.
        paths: (N,) str objects, absolute paths of pictures and videos.
        cameras: (N,) str objects, ``""`` for unknown.
        times: (N,) float64, seconds since the video's start; NaN for still pictures.
        clocks: (N,) float64, Unix time when the picture was taken; NaN for unknown.
        frames: (N,) int64; -1 for still pictures.
        tracks: (N,) int64, the track within the file; -1 for none.
        starts: (N,) float64, the track's start, as ``times``; NaN where there is none.
        ends: (N,) float64, the track's end.
        added: (N,) float64, Unix time when the record came into the gallery.
        scenes: (N, S) float32, embedding of the whole picture; S = 0 without.
    """

    ids: np.ndarray
    embeddings: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray
    paths: np.ndarray
    cameras: np.ndarray
    times: np.ndarray
    clocks: np.ndarray
    frames: np.ndarray
    tracks: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    added: np.ndarray
    scenes: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: np.ndarray) -> Records:
        """Some rows: indices or a mask."""
        return Records(**{name: column[rows] for name, column in self.columns()})

    def with_ids(self, ids: np.ndarray) -> Records:
        """The same people under other numbers."""
        return replace(self, ids=np.asarray(ids, np.int64))

    def columns(self) -> Iterator[tuple[str, np.ndarray]]:
        """Name and array of every column."""
        for field in fields(self):
            yield field.name, getattr(self, field.name)

    def moments(self) -> np.ndarray:
        """(N,) float64 Unix time by which a record is old: its clock, else ``added``.

        The clock is that of the picture; where nobody knows it, the record is as old
        as its stay in the gallery.
        """
        return np.where(np.isnan(self.clocks), self.added, self.clocks)


def join(parts: Iterable[Records], dimension: int = 0) -> Records:
    """All rows of several records, in order; ``dimension`` is that of no rows."""
    parts = [part for part in parts if len(part)] or [no_records(dimension)]
    if len(parts) == 1:
        return parts[0]
    widest = max(part.scenes.shape[1] for part in parts)
    joined = {}
    for field in fields(Records):
        columns = [getattr(part, field.name) for part in parts]
        if field.name == "scenes":
            columns = [_widen(column, widest) for column in columns]
        joined[field.name] = np.concatenate(columns)
    return Records(**joined)


def no_records(dimension: int = 0) -> Records:
    """Every column with no row."""
    nothing, names = np.empty(0, np.float64), np.empty(0, object)
    return Records(
        ids=np.empty(0, np.int64),
        embeddings=np.empty((0, dimension), np.float32),
        boxes=np.empty((0, 4), np.float32),
        scores=np.empty(0, np.float32),
        paths=names,
        cameras=names,
        times=nothing,
        clocks=nothing,
        frames=np.empty(0, np.int64),
        tracks=np.empty(0, np.int64),
        starts=nothing,
        ends=nothing,
        added=nothing,
        scenes=np.empty((0, 0), np.float32),
    )


def records_of(
    found: Detections, first_id: int, added: float, camera: object = None
) -> Records:
    """Check what was found in one picture and make records of it.

    Args:
        found: Of one picture or of one file's tracks.
        first_id: Number of the first person; the others follow.
        added: Unix time of now.
        camera: The camera's name, or its number; None: ``found.camera``.

    Raises:
        GalleryError: Lengths that differ, values that are not finite, inverted boxes,
            or types that a record cannot hold; named, with the file.
    """
    where = found.path or "an array"
    try:
        count = len(found.boxes)
        name = camera_name(found.camera if camera is None else camera)
        boxes = _column(found.boxes, np.float32, (count, 4), "boxes")
        if count and not (boxes[:, 2:] >= boxes[:, :2]).all():
            raise GalleryError("a box with x2 < x1 or y2 < y1")
        times = _number(found.time, "time")
        embeddings = check_embeddings(found.embeddings)
        if len(embeddings) != count:
            raise GalleryError(f"{count} boxes and {len(embeddings)} embeddings")
        starts, ends = (
            np.full(count, times)
            if column is None
            else _column(column, np.float64, (count,), what)
            for column, what in ((found.starts, "starts"), (found.ends, "ends"))
        )
        return Records(
            ids=np.arange(first_id, first_id + count),
            embeddings=normalise(embeddings),
            boxes=boxes,
            scores=_column(found.scores, np.float32, (count,), "scores"),
            paths=np.array([check_path(found.path)] * count, object),
            cameras=np.array([name] * count, object),
            times=np.full(count, times),
            clocks=np.full(count, _number(found.clock, "clock")),
            frames=np.full(count, _integer(found.frame, "frame")),
            tracks=_tracks(found.tracks, count),
            starts=starts,
            ends=ends,
            added=np.full(count, float(added)),
            scenes=_scene(found.scene_embedding, count),
        )
    except GalleryError as error:
        raise GalleryError(f"the people of {where} cannot be added: {error}") from None


def camera_name(camera: object) -> str:
    """A camera's name; numbers, which cameras once had, become names.

    Args:
        camera: A str, a whole number (-1: unknown) of Python or NumPy, or None.

    Raises:
        GalleryError: Anything else, or a name that is too long.
    """
    if camera is None:
        return ""
    if isinstance(camera, str):
        if len(camera) > MAX_NAME:
            raise GalleryError(f"a camera's name of {len(camera)} characters")
        return str(camera)
    if isinstance(camera, numbers.Integral) and not isinstance(camera, bool):
        return str(int(camera)) if camera >= 0 else ""
    raise GalleryError(f"camera {camera!r} is neither a name nor a whole number")


def check_path(path: object) -> str:
    """A path as records keep it.

    Raises:
        GalleryError: Not a str, or with a NUL character, which no path can have.
    """
    if not isinstance(path, str) or "\0" in path:
        raise GalleryError(f"path {path!r} is not the name of a file")
    return str(path)


def check_embeddings(embeddings: object) -> np.ndarray:
    """(N, D) finite floating-point embeddings.

    Raises:
        GalleryError: Another shape, not numbers, or not finite.
    """
    array = _array(embeddings, "embeddings")
    if array.dtype != np.float64:
        array = array.astype(np.float32, copy=False)
    if array.ndim != 2:
        raise GalleryError(f"embeddings of shape {array.shape}, not (N, D)")
    if not np.isfinite(array).all():
        raise GalleryError("there are embeddings that are not finite")
    return array


def _widen(scenes: np.ndarray, width: int) -> np.ndarray:
    """Scene embeddings of records that have none are rows of zeros."""
    if scenes.shape[1] == width:
        return scenes
    return np.zeros((len(scenes), width), np.float32)


def _array(values: object, what: str) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind not in "iufb":
        raise GalleryError(f"{what} are not numbers")
    return array


def _column(values: object, dtype: type, shape: tuple, what: str) -> np.ndarray:
    array = _array(values, what)
    if array.size == 0 and shape[0] == 0:
        return np.empty(shape, dtype)
    if array.shape != shape:
        raise GalleryError(f"{what} of shape {array.shape}, expected {shape}")
    with np.errstate(over="ignore"):
        array = array.astype(dtype)
    if not np.isfinite(array).all():
        raise GalleryError(f"there are {what} that are not finite")
    return array


def _number(value: object, what: str) -> float:
    if value is None:
        return math.nan
    if not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise GalleryError(f"{what} {value!r} is not a finite number")
    return float(value)


def _integer(value: object, what: str) -> int:
    if not isinstance(value, numbers.Integral) or not -1 <= value < 2**62:
        raise GalleryError(f"{what} {value!r} is not a whole number from -1 on")
    return int(value)


def _tracks(tracks: object, count: int) -> np.ndarray:
    if tracks is None:
        return np.full(count, -1)
    array = np.asarray(tracks)
    if array.size and array.dtype.kind not in "iu":
        raise GalleryError("tracks are not whole numbers")
    return _column(array, np.int64, (count,), "tracks")


def _scene(scene: object, count: int) -> np.ndarray:
    if scene is None:
        return np.empty((count, 0), np.float32)
    array = check_embeddings(np.atleast_2d(_array(scene, "scene embedding")))
    if len(array) != 1:
        raise GalleryError(f"a scene embedding of shape {np.shape(scene)}, not (S,)")
    return np.repeat(array.astype(np.float32), count, axis=0)
