"""COCO's json files: images, annotations and categories, with checked values."""

from __future__ import annotations

import math
import os
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmpsearch.datasets.io.json_files import read_json
from mmpsearch.errors import DataLayoutError

LARGEST_SIDE = 10**6  # pixels
PARTS = ("images", "annotations")


@dataclass(frozen=True)
class CocoFile:
    """A COCO ``instances`` file.

    Attributes:
        path: The file, for messages.
        images: Objects with ``id`` and ``file_name``, both checked.
        annotations: Objects; ``image_id`` and ``category_id`` are there.
        categories: id -> name.
    """

    path: Path
    images: list[dict]
    annotations: list[dict]
    categories: dict[Hashable, str]

    @property
    def person(self) -> Hashable:
        """Id of the category ``person`` (in any case of letters).

        Raises:
            DataLayoutError: There is none.
        """
        for wanted in (str, str.lower):
            for number, name in self.categories.items():
                if wanted(name) == "person":
                    return number
        found = ", ".join(repr(name) for name in self.categories.values()) or "none"
        raise DataLayoutError(
            f"{self.path} has no category 'person', its categories are: {found}."
        )

    def persons(self) -> Iterator[tuple[dict, list[float]]]:
        """Every annotation of a person that is no crowd, and its checked bbox."""
        person = self.person
        for item in self.annotations:
            if item["category_id"] == person and not item.get("iscrowd", 0):
                yield item, self.bbox(item)

    def bbox(self, item: dict) -> list[float]:
        """x, y, width and height of an annotation.

        Raises:
            DataLayoutError: They are not four finite numbers.
        """
        box = item.get("bbox")
        try:
            numbers = [float(value) for value in box]
            good = len(numbers) == 4 and all(map(math.isfinite, numbers))
            good = good and not any(isinstance(v, str | bool) for v in box)
        except (TypeError, ValueError, OverflowError):
            good = False
        if not good:
            raise DataLayoutError(
                f"{self.path}: the bbox of annotation {item.get('id')} must be four "
                f"numbers (x, y, width, height), got {shortened(box)}."
            )
        return numbers

    def size(self, image: dict) -> tuple[int, int]:
        """Height and width of an image; (0, 0) where they are absent, null or 0.

        Raises:
            DataLayoutError: They are something else than whole positive numbers.
        """
        sides = image.get("height"), image.get("width")
        if any(side is None or (side == 0 and side is not False) for side in sides):
            return 0, 0
        for key, side in zip(("height", "width"), sides, strict=True):
            number = isinstance(side, int | float) and not isinstance(side, bool)
            if not number or not 0 < side <= LARGEST_SIDE or side != int(side):
                raise DataLayoutError(
                    f"{self.path}: {key} of image {shortened(image['id'])} must be a "
                    f"number of pixels, or null where it is unknown, got "
                    f"{shortened(side)}."
                )
        return int(sides[0]), int(sides[1])


def read_coco(path: str | Path) -> CocoFile:
    """Read a COCO ``instances`` file; outlines are dropped while it is read.

    Raises:
        DataLayoutError: It is no such file; the message names the key.
    """
    path = Path(path)
    # Outlines are most of the file: dropped at once, they cost no memory.
    content = read_json(path, object_hook=_without_outline)
    if not isinstance(content, dict):
        raise DataLayoutError(
            f"{path} is not a COCO instances file: it holds a "
            f"{type(content).__name__}, not an object with images and annotations."
        )
    lists = [_objects(content, key, path) for key in PARTS]
    categories = [dict(id=1, name="person")]
    if "categories" in content:
        categories = _objects(content, "categories", path)
    images, annotations = lists
    for image in images:
        _check_keys(image, ("id", "file_name"), "images", path)
        check_file_name(image["file_name"], path)
    for item in annotations:
        _check_keys(item, ("image_id", "category_id"), "annotations", path)
    for category in categories:
        _check_keys(category, ("id", "name"), "categories", path)
        if not isinstance(category["name"], str):
            name = shortened(category["name"])
            raise DataLayoutError(f"{path}: a category's name must be text, got {name}")
    seen: set[Hashable] = set()
    for image in images:
        if image["id"] in seen:
            raise DataLayoutError(
                f"{path}: two images have the id {shortened(image['id'])}; give every "
                "image its own."
            )
        seen.add(image["id"])
    names = {category["id"]: category["name"] for category in categories}
    return CocoFile(path, images, annotations, names)


def check_file_name(name: Any, path: Path) -> None:
    """Refuse a ``file_name`` that cannot be one.

    Raises:
        DataLayoutError: Naming the file it was read from.
    """
    try:
        good = isinstance(name, str) and name.strip() != "" and "\0" not in name
        os.fsencode(name if good else "")
    except UnicodeEncodeError:
        good = False
    if not good:
        raise DataLayoutError(
            f"{path}: file_name must be the name of a picture, got {shortened(name)}."
        )


def shortened(value: Any, length: int = 60) -> str:
    """A value as text for a message, not longer than ``length``."""
    if isinstance(value, int) and value.bit_length() > 200:
        return f"a number of about {int(value.bit_length() * 0.30103)} digits"
    text = repr(value)
    return text if len(text) <= length else f"{text[:length]}..."


def _without_outline(item: dict) -> dict:
    item.pop("segmentation", None)
    return item


def _objects(content: dict, key: str, path: Path) -> list[dict]:
    """The list of objects under a key."""
    if key not in content:
        raise DataLayoutError(
            f"{path} is not a COCO instances file: {key!r} is missing."
        )
    items = content[key]
    if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        raise DataLayoutError(
            f"{path} is not a COCO instances file: {key!r} must be a list of objects."
        )
    return items


def _check_keys(item: dict, keys: tuple[str, ...], part: str, path: Path) -> None:
    for key in keys:
        if key not in item:
            raise DataLayoutError(
                f"{path} is not a COCO instances file: {key!r} is missing in an entry "
                f"of {part!r}: {shortened(item)}."
            )
        if not isinstance(item[key], Hashable):
            raise DataLayoutError(
                f"{path}: {key!r} in {part!r} must be a number or a text, got "
                f"{shortened(item[key])}."
            )
