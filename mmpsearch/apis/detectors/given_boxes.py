"""Boxes that a user has already, of any detector or drawn by hand.

- ``.txt`` of the MOT Challenge, ``frame,id,x,y,width,height,score,…``, frames counted
  from 1: of one video, or of a folder of pictures named by number (``000001.jpg``).
- ``.json`` as COCO writes it (``images``, ``annotations``), such as
  ``tools/dataset_tools/auto_label_persons.py`` makes.
- ``.json`` with one list a picture: ``{"a.jpg": [[x1, y1, x2, y2, score], …]}``; the
  score may be left out.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path, PurePath

import numpy as np

from mmpsearch.apis.detectors.detector import Detector, FoundPeople, as_found
from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.errors import InputError

SUFFIXES = (".txt", ".json")


class GivenBoxes(Detector):
    """Boxes from a file, in place of a detector.

    Args:
        path: See above.

    Raises:
        InputError: There is no such file, or it holds no boxes of these forms.
    """

    score_threshold = 0.0

    def __init__(self, path: str | os.PathLike) -> None:
        path = Path(path)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from error
        self.name, self.path = path.name, path
        self.digest = hashlib.sha256(content).hexdigest()
        text = content.decode("utf-8", errors="replace")
        self._frames: dict[int, np.ndarray] = {}
        self._pictures: dict[str, list[tuple[PurePath, np.ndarray]]] = {}
        if path.suffix == ".json":
            for name, rows in _read_json(text, path).items():
                file = PurePath(name)
                self._pictures.setdefault(file.name, []).append((file, rows))
        else:
            self._frames = _read_mot(text, path)

    def __call__(
        self, images: Sequence[SourceImage], score_threshold: float
    ) -> list[FoundPeople]:
        """See the base class.

        Raises:
            InputError: A json file says nothing of a picture, or a MOT file is used
                for pictures whose names are no numbers.
        """
        found = []
        for image in images:
            rows = self._of_frame(image) if self._frames else self._of_picture(image)
            size = image.pixels.shape[:2]
            found.append(as_found(rows[:, :4], rows[:, 4], size, score_threshold))
        return found

    def _of_frame(self, image: SourceImage) -> np.ndarray:
        number = image.frame + 1
        if image.frame < 0:
            stem = PurePath(image.path).stem
            if not stem.isdecimal():
                raise InputError(
                    f"{self.path} counts frames: it goes with a video, or with "
                    f"pictures named by number (000001.jpg), not with {image.path}"
                )
            number = int(stem)
        return self._frames.get(number, np.empty((0, 5), np.float32))

    def _of_picture(self, image: SourceImage) -> np.ndarray:
        picture = PurePath(image.path)
        fitting = [
            (len(file.parts), rows)
            for file, rows in self._pictures.get(picture.name, [])
            if picture.parts[-len(file.parts) :] == file.parts
        ]
        if not fitting:
            raise InputError(
                f"{self.path} says nothing of {image.path}; list the picture with an "
                "empty list where nobody is in it"
            )
        return max(fitting, key=lambda one: one[0])[1]


def _read_mot(text: str, path: Path) -> dict[int, np.ndarray]:
    """(n, 5) xyxy and score by frame.

    Rows of a ground truth (with identities) whose seventh value is 0 are to be ignored
    by the format's rule, and so are, where classes are given, other than pedestrians.
    """
    frames: dict[int, list[list[float]]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = [float(value) for value in line.replace(",", " ").split()]
            frame, identity, x, y, width, height = row[:6]
            if not np.isfinite(row).all():
                raise ValueError("a value that is not finite")
        except ValueError as error:
            raise InputError(
                f"{path}, line {number}: {line!r} is no row of the MOT Challenge "
                "(frame,id,x,y,width,height,score)"
            ) from error
        score = row[6] if len(row) > 6 else 1.0
        annotated = identity >= 0 and score in (0, 1)
        kind = row[7] if len(row) == 9 else 1  # MOT16 and later: class, visibility
        if annotated and (score == 0 or kind != 1):
            continue
        score = 1.0 if score < 0 else min(score, 1.0)
        box = [x, y, x + width, y + height, score]
        frames.setdefault(int(frame), []).append(box)
    if not frames:
        raise InputError(f"{path} holds no box")
    return {k: np.array(rows, np.float32) for k, rows in frames.items()}


def _read_json(text: str, path: Path) -> dict[str, np.ndarray]:
    """(n, 5) xyxy and score by picture's name."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no json: {error}") from error
    try:
        if "annotations" in content:
            return _from_coco(content)
        return {name: _rows(boxes) for name, boxes in content.items()}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(
            f"{path} is neither COCO's json nor a list of boxes [x1, y1, x2, y2, "
            f"score] for every picture: {error}"
        ) from error


def _from_coco(content: dict) -> dict[str, np.ndarray]:
    people = {
        one["id"]
        for one in content.get("categories", [])
        if one["name"] in ("person", "pedestrian")
    }
    boxes: dict[int, list] = {image["id"]: [] for image in content["images"]}
    for image in content["images"]:
        if not isinstance(image["file_name"], str):
            raise TypeError(f"the file name {image['file_name']!r:.40}")
    for one in content["annotations"]:
        if (people and one.get("category_id") not in people) or one.get("iscrowd"):
            continue
        x, y, width, height = one["bbox"]
        row = [x, y, x + width, y + height, one.get("score", 1.0)]
        boxes[one["image_id"]].append(row)
    return {
        image["file_name"]: _rows(boxes[image["id"]]) for image in content["images"]
    }


def _rows(boxes: list) -> np.ndarray:
    """(n, 5) float32, with score 1 where there is none."""
    rows = [[*box, 1.0] if len(box) == 4 else list(box) for box in boxes]
    return np.array(rows, np.float32).reshape(len(rows), 5)
