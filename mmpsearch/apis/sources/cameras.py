"""Named cameras: what is read from each, and a yaml file of many."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import cv2
import numpy as np
import yaml

from mmpsearch.apis.sources.addresses import is_stream
from mmpsearch.apis.sources.frame import FrameChoice
from mmpsearch.errors import InputError

KEYS = ("source", "camera", "start", "ignore", "frame_step", "fps")
MAX_BYTES = 2**20  # of a list; more is no list of cameras


@dataclass(frozen=True, eq=False)
class Camera:
    """One camera, or one folder, and how it is read.

    Attributes:
        source: File, folder, pattern (``videos/*.mp4``), address of a stream, or
            number of a webcam.
        camera: Its name; ``""`` when unknown.
        start: Unix time at which the video begins; None when unknown. Streams have
            the time of the clock.
        ignore: Polygons, (n, 2) float32 x y in pixels of the picture. A person is
            left out whose feet (middle of the box's lower edge) are in one of them.
        frame_step: Of a video every so many-th frame is looked at; None: 1.
        fps: Instead, so many frames a second.
    """

    source: str | int
    camera: str = ""
    start: float | None = None
    ignore: tuple[np.ndarray, ...] = ()
    frame_step: int | None = None
    fps: float | None = None

    def choice(self) -> FrameChoice:
        """A new ``FrameChoice`` for one of its videos."""
        return FrameChoice(self.frame_step or 1, self.fps)

    def ignores(self, boxes: np.ndarray) -> np.ndarray:
        """(N,) bool, whether a person stands in an ignored zone.

        Args:
            boxes: (N, 4) xyxy, pixels of the picture.
        """
        feet = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
        inside = [
            any(cv2.pointPolygonTest(zone, foot, False) >= 0 for zone in self.ignore)
            for foot in feet.astype(float).tolist()
        ]
        return np.array(inside, bool)


def parse_start(value: object, where: str = "start") -> float:
    """Unix time of a date with time; without a time zone it is this machine's.

    Raises:
        InputError: It is none; the message begins with ``where``.
    """
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)
        if isinstance(value, datetime):
            return value.timestamp()
    except (ValueError, OverflowError, OSError):
        pass
    raise InputError(f"{where}: {value!r} is not a date and time (2026-03-01 08:30:00)")


def read_camera_list(path: str | os.PathLike) -> list[Camera]:
    """Cameras of a yaml file.

    .. code:: yaml

        sources:
          - source: videos/door.mp4      # beside this file
            camera: door
            start: 2026-03-01 08:30:00   # when the video begins
            fps: 5
          - source: rtsp://10.0.0.7/live
            camera: yard
            ignore:                      # polygons: nobody is looked for there
              - [[0, 0], [200, 0], [200, 90]]

    Raises:
        InputError: Naming file, entry and key.
    """
    content = _load(Path(path))
    if isinstance(content, dict):
        content = content.get("sources")
    if not isinstance(content, list) or not content:
        raise InputError(f"{path}: there is no list under the key 'sources'")
    cameras = [
        _camera(entry, f"{path}: entry {number}", Path(path).parent)
        for number, entry in enumerate(content, start=1)
    ]
    for number, camera in enumerate(cameras, start=1):
        if any(camera.source == other.source for other in cameras[: number - 1]):
            raise InputError(f"{path}: entry {number}: {camera.source} is there twice")
    return cameras


def list_cameras(
    sources: object,
    camera: str = "",
    frame_step: int = 1,
    fps: float | None = None,
    start: float | None = None,
) -> list[Camera]:
    """Cameras of what a user named: paths, addresses, lists of cameras, cameras.

    Args:
        sources: One or several; a ``.yaml`` or ``.yml`` file is a list of cameras.
        camera: Name for those that have none.
        frame_step: For those that do not say how they are read.
        fps: The same, in place of ``frame_step``.
        start: Unix time of the beginning, for those that have none.

    Raises:
        InputError: A list of cameras that is wrong.
    """
    FrameChoice(frame_step, fps)  # refused before anything is read
    single = isinstance(sources, (str, int, os.PathLike, Camera))
    cameras: list[Camera] = []
    for source in [sources] if single else sources:
        if isinstance(source, Camera):
            cameras.append(source)
        elif str(source).lower().endswith((".yaml", ".yml")):
            cameras += read_camera_list(os.fspath(source))
        else:
            is_path = isinstance(source, os.PathLike)
            cameras.append(Camera(os.fspath(source) if is_path else source))
    return [
        replace(
            one,
            camera=one.camera or camera,
            start=start if one.start is None else one.start,
            **(
                dict(frame_step=frame_step, fps=fps)
                if one.frame_step is None and one.fps is None
                else {}
            ),
        )
        for one in cameras
    ]


def _load(path: Path) -> object:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: is too large for a list of cameras")
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: is not a readable yaml file: {reason}") from error


def _camera(entry: object, where: str, folder: Path) -> Camera:
    if isinstance(entry, (str, int)):
        entry = {"source": entry}
    if not isinstance(entry, dict):
        raise InputError(f"{where}: expected keys and values ({', '.join(KEYS)})")
    for key in entry:
        if key not in KEYS:
            close = difflib.get_close_matches(str(key), KEYS, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else f" ({', '.join(KEYS)})"
            raise InputError(f"{where}: unknown key {key!r}{hint}")
    source, name = entry.get("source"), entry.get("camera", "")
    if isinstance(source, bool) or not isinstance(source, (str, int)) or source == "":
        raise InputError(f"{where}: 'source' must be a path, an address or a number")
    if isinstance(name, bool) or not isinstance(name, (str, int)):
        raise InputError(f"{where}: 'camera' must be a name, not {name!r}")
    if not is_stream(source):
        source = os.path.abspath(folder / str(source))
    start = entry.get("start")
    options = {key: entry[key] for key in ("frame_step", "fps") if key in entry}
    camera = Camera(
        source=source,
        camera=str(name),
        start=None if start is None else parse_start(start, f"{where}: 'start'"),
        ignore=_polygons(entry.get("ignore") or [], f"{where}: 'ignore'"),
        **options,
    )
    try:
        camera.choice()
        if "frame_step" in options and camera.frame_step < 1:
            raise ValueError(f"frame_step must be at least 1, not {camera.frame_step}")
    except (ValueError, TypeError) as error:
        raise InputError(f"{where}: {error}") from error
    return camera


def _polygons(value: object, where: str) -> tuple[np.ndarray, ...]:
    try:
        polygons = tuple(np.asarray(one, np.float32) for one in value)
    except (ValueError, TypeError):
        polygons = None
    if polygons is None or not all(
        one.ndim == 2 and one.shape[1] == 2 and len(one) >= 3 and np.isfinite(one).all()
        for one in polygons
    ):
        raise InputError(
            f"{where}: expected polygons of at least three points, "
            "[[[x, y], [x, y], [x, y]]] in pixels"
        )
    return polygons
