"""COCOPersonSearch: own scenes, labelled in COCO's json format."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mmpsearch.datasets.io.coco_json import CocoFile, read_coco, shortened
from mmpsearch.datasets.io.name_patterns import compiled, name_by
from mmpsearch.datasets.io.names import is_nobody
from mmpsearch.datasets.person_search.own.base import OwnPersonSearch
from mmpsearch.datasets.person_search.own.scenes import SPLITS, OwnScenes, natural_key
from mmpsearch.errors import DataLayoutError
from mmpsearch.registry import DATASETS

# The names that are looked for, the first one wins.
FILES = ("annotations.json", "annotations/instances_default.json")
FOLDERS = ("images/default", "images", "")
TIMES = ("time", "frame_id", "frame", "frame_index")


@DATASETS.register_module()
class COCOPersonSearch(OwnPersonSearch):
    """Own scenes in COCO's format, with people, cameras and splits as further keys.

    - annotations: ``bbox`` (x, y, width, height in pixels) and ``person_id``, a number
      or a text; absent, null, empty or -1 is a person without identity.
      ``is_query: true`` marks a query.
    - images: ``file_name``, ``height`` and ``width`` (may be null), and optionally
      ``camera_id`` (a number or a text), ``split`` (``train``, ``val``, ``test``)
      and a time (``time``, ``frame_id`` or ``frame``).

    CVAT's "COCO 1.0" export is read as it is: what is no key of an annotation is
    looked for in its ``attributes``; ``person_key="track_id"`` takes CVAT's tracks as
    people.

    Args:
        data_root: Folder of the data set.
        split: As of :class:`OwnPersonSearch`.
        ann_file: The json file below ``data_root``. Default: ``annotations.json``, or
            CVAT's ``annotations/instances_default.json``.
        image_prefix: Folder below ``data_root`` that ``file_name`` is relative to.
            Default: ``images/default``, ``images`` or ``data_root`` itself, the
            first that has the first image.
        person_key: Key of an annotation, or of its attributes, with the person.
        camera_pattern: Regular expression whose first group is the camera in
            ``file_name``, for images without ``camera_id``.
        **kwargs: Of :class:`OwnPersonSearch`, among them ``split_by`` and ``queries``.
    """

    NAME = "COCOPersonSearch"
    VERSION = "coco-search-1"
    LAYOUT = """\
  annotations.json (or annotations/instances_default.json, as CVAT writes it)
  images/... as the json's file_name says, with person_id on annotations"""

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        *,
        ann_file: str | None = None,
        image_prefix: str | None = None,
        person_key: str = "person_id",
        camera_pattern: str | None = None,
        **kwargs,
    ) -> None:
        self.image_prefix = image_prefix
        self.person_key = person_key
        self.camera_pattern = compiled(camera_pattern, "camera_pattern")
        self._folder: Path | None = None
        super().__init__(data_root, split, ann_file=ann_file or "", **kwargs)

    @property
    def image_folder(self) -> Path:
        return self._folder or Path(self.data_root) / (self.image_prefix or "")

    @property
    def json_path(self) -> Path:
        """The annotation file."""
        names = FILES if not self.ann_file else (self.ann_file,)
        for name in names:
            if (Path(self.data_root) / name).is_file():
                return Path(self.data_root) / name
        return self.require(names[0])

    def sources(self) -> Iterable[Path]:
        return [self.json_path]

    def load_annotations(self):
        scenes = super().load_annotations()
        if self.image_prefix is None and scenes.num_images:
            first = str(scenes.image_keys[0])
            roots = [Path(self.data_root) / folder for folder in FOLDERS]
            self._folder = next((r for r in roots if (r / first).exists()), roots[-1])
        return scenes

    def _arrays(self) -> dict[str, np.ndarray]:
        own, unplaced = read_own_coco(
            self.json_path, self.person_key, self.camera_pattern
        )
        return own.arrays() | dict(unplaced=np.array(unplaced))

    def _note_read(self, arrays: dict[str, np.ndarray]) -> None:
        self.note(
            "annotations without image",
            int(arrays["unplaced"]),
            f"annotations of {self.json_path} refer to an image_id that no image has.",
        )

    def cached(self, name, sources, version, build):
        """Of a file, a key and a pattern."""
        pattern = self.camera_pattern.pattern if self.camera_pattern else ""
        options = f"{self.json_path.name}-{self.person_key}-{pattern}"
        return super().cached(name, sources, f"{version}-{options}", build)


def read_own_coco(
    path: Path, person_key: str, camera_pattern: re.Pattern | None
) -> tuple[OwnScenes, int]:
    """Read a labelled COCO file; also the number of annotations without an image.

    Raises:
        DataLayoutError: Not such a file, or nobody has an identity in it.
    """
    coco = read_coco(path)
    place = {image["id"]: i for i, image in enumerate(coco.images)}
    names = [image["file_name"] for image in coco.images]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataLayoutError(f"{path}: two images have the file_name {twice!r}.")
    boxes: list[list] = [[] for _ in names]
    people: list[list[str]] = [[] for _ in names]
    marks: list[list[bool]] = [[] for _ in names]
    unplaced, keyed = [], 0
    for item, (x, y, width, height) in coco.persons():
        image = place.get(item["image_id"])
        if image is None:
            unplaced.append(item["image_id"])
            continue
        person = _cell(_of(item, person_key), person_key, path)
        keyed += not is_nobody(person)
        boxes[image].append([x, y, x + width, y + height])
        people[image].append(person)
        marks[image].append(_of(item, "is_query") in (True, 1, "true", "1"))
    _require_people(coco, person_key, keyed, unplaced)
    own = OwnScenes.of(
        names,
        [np.array(each, dtype=np.float64).reshape(-1, 4) for each in boxes],
        people,
        [_camera(image, camera_pattern, path) for image in coco.images],
        sizes=np.array([coco.size(i) for i in coco.images], np.int64).reshape(-1, 2),
        splits=[_split(image, path) for image in coco.images],
        order=_order(coco.images),
        is_query=marks,
    )
    return own, len(unplaced)


def _of(item: dict, key: str):
    """A key of an annotation, or of its attributes."""
    if key in item:
        return item[key]
    attributes = item.get("attributes")
    return attributes.get(key) if isinstance(attributes, dict) else None


def _cell(value, key: str, path: Path) -> str:
    """A name as text; '' where there is none."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool | float) or not isinstance(value, int | str):
        raise DataLayoutError(
            f"{path}: {key} must be a whole number or a text, got {shortened(value)}."
        )
    if isinstance(value, int):
        return str(value) if value >= 0 else ""
    return value.strip()


def _camera(image: dict, pattern: re.Pattern | None, path: Path) -> str:
    if "camera_id" in image or pattern is None:
        return _cell(image.get("camera_id"), "camera_id", path)
    return name_by(pattern, image["file_name"], "camera_pattern")


def _split(image: dict, path: Path) -> str:
    split = image.get("split") or ""
    if split not in ("", *SPLITS):
        raise DataLayoutError(
            f"{path}: split of image {image['file_name']!r} must be one of {SPLITS}, "
            f"got {shortened(split)}."
        )
    return split


def _order(images: list[dict]) -> np.ndarray:
    """(I,) rank in time: by a key that all have, else by file name."""
    for key in TIMES:
        values = [image.get(key) for image in images]
        if values and all(
            isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < 1e15
            for v in values
        ):
            ranks = sorted(range(len(images)), key=lambda i: values[i])
            break
    else:
        names = [image["file_name"] for image in images]
        ranks = sorted(range(len(images)), key=lambda i: natural_key(names[i]))
    order = np.empty(len(images), np.int64)
    order[ranks] = np.arange(len(images))
    return order


def _require_people(
    coco: CocoFile, person_key: str, keyed: int, unplaced: list
) -> None:
    """Refuse a file where nobody has an identity, saying what it has instead."""
    if keyed:
        return
    if unplaced:
        raise DataLayoutError(
            f"{coco.path}: {len(unplaced)} annotations refer to an image_id that no "
            f"image has, first {shortened(unplaced[0])}, and no other has a person."
        )
    keys = sorted({key for item in coco.annotations[:1000] for key in item})
    attributes = [item.get("attributes") for item in coco.annotations[:1000]]
    keys += sorted(
        {f"attributes.{k}" for a in attributes if isinstance(a, dict) for k in a}
    )
    raise DataLayoutError(
        f"{coco.path}: no annotation of a person has {person_key!r}, neither as a key "
        f"nor among its attributes; it has {', '.join(keys) or 'no annotation'}. "
        "Name another with person_key, or train without identities "
        "(mmpsearch.COCOPersons)."
    )
