"""MOT Challenge's files: boxes with track numbers, and facts of a sequence."""

from __future__ import annotations

import configparser
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmpsearch.datasets.io.picture_files import is_picture
from mmpsearch.datasets.io.text_files import read_lines
from mmpsearch.errors import DataLayoutError

PEDESTRIAN = 1  # of the challenge's twelve classes
PERSON_NAMES = ("person", "pedestrian", "people", "human")
LEAST, MOST = 6, 10  # columns


@dataclass(frozen=True)
class MotRows:
    """N rows of ``gt.txt`` or of a tracker's result, sorted by frame.

    Attributes:
        frames: (N,) int64 from 1.
        tracks: (N,) int64, -1 without one.
        boxes: (N, 4) float64 xyxy in pixels, from 0.
        considered: (N,) bool, the "not ignored" flag of ``gt.txt``; a tracker's
            confidence above 0.
        scores: (N,) float64, the same column as a number.
        classes: (N,) int64, -1 unknown.
        visibility: (N,) float64 in [0, 1], 1 where it is not given.
    """

    frames: np.ndarray
    tracks: np.ndarray
    boxes: np.ndarray
    considered: np.ndarray
    scores: np.ndarray
    classes: np.ndarray
    visibility: np.ndarray

    def __len__(self) -> int:
        return len(self.frames)

    def keep(self, mask: np.ndarray) -> MotRows:
        """Those of a mask (N,), or of positions in another order."""
        return MotRows(**{name: value[mask] for name, value in vars(self).items()})


def read_mot(path: Path, first_pixel: int = 1) -> MotRows:
    """Read rows ``frame, track, x, y, width, height[, flag[, class[, visibility]]]``.

    Columns of world coordinates (the tenth, and in MOT15 the eighth and ninth) are not
    used. ``-1`` in a column means that it is not given.

    Args:
        path: The file.
        first_pixel: Number of the first column and row of pixels: 1 as the challenge
            counts, 0 as CVAT and most programs do.

    Raises:
        DataLayoutError: A line is something else; the message names it.
    """
    rows = []
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        cells = re.split(r"[,\s]+", line.strip().rstrip(","))
        try:
            values = [float(cell) for cell in cells]
        except ValueError:
            values = []
        if not LEAST <= len(values) <= MOST or not all(map(math.isfinite, values)):
            raise DataLayoutError(
                f"{path}, line {number}: expected frame, track, x, y, width, height "
                f"and at most four further numbers, got {line.strip()[:80]!r}."
            )
        if values[0] < 1 or values[0] != int(values[0]) or values[0] > 1e9:
            raise DataLayoutError(
                f"{path}, line {number}: frames are whole numbers from 1 on, got "
                f"{cells[0]}."
            )
        if abs(values[1]) > 2**53 or values[1] != int(values[1]):
            raise DataLayoutError(
                f"{path}, line {number}: a track is a whole number, got {cells[1]}."
            )
        rows.append(values + [-1.0] * (MOST - len(values)))
    table = np.array(rows, dtype=np.float64).reshape(-1, MOST)
    table = table[np.argsort(table[:, 0], kind="stable")]
    boxes = table[:, 2:6].copy()
    boxes[:, :2] -= first_pixel
    boxes[:, 2:] += boxes[:, :2]
    tracks = table[:, 1].astype(np.int64)
    visible = table[:, 8]
    return MotRows(
        frames=table[:, 0].astype(np.int64),
        tracks=np.where(tracks < 0, -1, tracks),
        boxes=boxes,
        considered=table[:, 6] != 0,
        scores=table[:, 6],
        classes=np.where(table[:, 7] == table[:, 7].round(), table[:, 7], -1).astype(
            np.int64
        ),
        visibility=np.where(visible < 0, 1.0, visible),
    )


def write_mot(path: Path, rows: MotRows, first_pixel: int = 1) -> None:
    """Write rows with nine columns; the reverse of :func:`read_mot`."""
    lines = []
    for i in range(len(rows)):
        x1, y1, x2, y2 = rows.boxes[i].tolist()
        corner = f"{x1 + first_pixel:.2f},{y1 + first_pixel:.2f}"
        lines.append(
            f"{rows.frames[i]},{rows.tracks[i]},{corner},{x2 - x1:.2f},{y2 - y1:.2f},"
            f"{rows.scores[i]:.4g},{rows.classes[i]},{rows.visibility[i]:.3g}\n"
        )
    path.write_text("".join(lines), encoding="utf-8")


@dataclass(frozen=True)
class MotSequence:
    """One sequence: a folder with ``gt/gt.txt`` and pictures.

    Attributes:
        folder: The sequence.
        name: Of the folder.
        image_folder: Name of the folder of pictures below it.
        pictures: frame -> file name.
        classes: Label numbers that mean a person; None: the challenge's own.
        first_pixel: As of :func:`read_mot`.
    """

    folder: Path
    name: str
    image_folder: str
    pictures: dict[int, str]
    classes: frozenset[int] | None
    first_pixel: int

    @property
    def gt_path(self) -> Path:
        """Its annotations."""
        return self.folder / "gt" / "gt.txt"


def read_sequence(folder: Path) -> MotSequence:
    """Read ``seqinfo.ini`` and ``gt/labels.txt``, which may be absent, and the frames.

    ``labels.txt`` is written by CVAT and others, who number pixels from 0.

    Raises:
        DataLayoutError: There are no pictures, or no label is a person's.
    """
    info = _sequence_info(folder / "seqinfo.ini")
    name = info.get("imdir", "img1")
    pictures = _pictures(folder / name)
    if not pictures:
        raise DataLayoutError(
            f"{folder / name} has no pictures whose names end with a frame number. "
            "Export again with pictures (CVAT: 'Save images'), or put the video's "
            "frames there, such as 000001.jpg."
        )
    labels = folder / "gt" / "labels.txt"
    if not labels.is_file():
        return MotSequence(folder, folder.name, name, pictures, None, 1)
    names = [line.strip() for line in read_lines(labels)]
    people = frozenset(
        number
        for number, label in enumerate(names, start=1)
        if label.lower() in PERSON_NAMES
    )
    if not people:
        raise DataLayoutError(
            f"{labels}: none of the labels {', '.join(names)} is one of "
            f"{', '.join(PERSON_NAMES)}; rename the label of people."
        )
    return MotSequence(folder, folder.name, name, pictures, people, 0)


def read_people(sequence: MotSequence) -> MotRows:
    """The rows of a sequence's ``gt.txt`` that are people and not to be ignored."""
    rows = read_mot(sequence.gt_path, sequence.first_pixel)
    if sequence.classes is None:
        # The challenge's first year has no classes: -1 everywhere.
        people = (rows.classes == PEDESTRIAN) | (rows.classes == -1)
    else:
        people = np.isin(rows.classes, list(sequence.classes))
    return rows.keep(people & rows.considered)


def _sequence_info(path: Path) -> dict[str, str]:
    """Keys of ``seqinfo.ini`` in lower case; empty where there is no such file."""
    if not path.is_file():
        return {}
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string("\n".join(read_lines(path)))
        return dict(parser["Sequence"])
    except (configparser.Error, KeyError) as error:
        reason = str(error).splitlines()[0]
        raise DataLayoutError(
            f"{path} is no seqinfo.ini with a section [Sequence] ({reason})."
        ) from error


def _pictures(folder: Path) -> dict[int, str]:
    """Frame number -> name, of the pictures whose names end with a number."""
    if not folder.is_dir():
        return {}
    found: dict[int, str] = {}
    for name in sorted(path.name for path in folder.iterdir()):
        number = re.search(r"(\d{1,9})$", Path(name).stem)
        if is_picture(name) and number:
            frame = int(number[1])
            if frame in found:
                raise DataLayoutError(
                    f"{folder}: {found[frame]} and {name} are both frame {frame}."
                )
            found[frame] = name
    return found
