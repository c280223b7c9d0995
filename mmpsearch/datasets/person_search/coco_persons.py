"""COCOPersons: the persons of COCO 2017 as weakly labelled pre-training data."""

from collections.abc import Hashable
from pathlib import Path

import numpy as np

from mmpsearch.datasets.io.coco_json import CocoFile, read_coco, shortened
from mmpsearch.datasets.person_search.annotations import SceneAnnotations
from mmpsearch.datasets.person_search.base import PersonSearchDataset
from mmpsearch.datasets.person_search.label_noise import corrupt_labels
from mmpsearch.errors import DataLayoutError
from mmpsearch.registry import DATASETS


@DATASETS.register_module()
class COCOPersons(PersonSearchDataset):
    """Persons of COCO without identities: every box is its own person.

    Annotations of category person with ``iscrowd`` 0 are kept, of any size, and the
    images that show at least one (64,115 in train2017). ``gt_person_ids`` are -1,
    ``gt_unique_ids`` count the boxes. There is no search protocol.

    Args:
        data_root: Folder with ``train2017``, ``val2017`` and ``annotations``.
        split: ``'train'`` (train2017) or ``'test'`` (val2017, for detection).
        label_noise: ``dict(percent=60, seed=0)``: a partition of the noise study, see
            :func:`~mmpsearch.datasets.person_search.label_noise.corrupt_labels`.
        subset: Another name in place of ``train2017``: images in
            ``<subset>/``, annotations in ``annotations/instances_<subset>.json``.
        **kwargs: Of :class:`PersonSearchDataset`.
    """

    NAME = "COCOPersons"
    SYNTHETIC_LAYOUT = "coco"
    LAYOUT = """\
  train2017/000000000009.jpg ...
  val2017/000000000139.jpg ...
  annotations/instances_train2017.json, instances_val2017.json"""
    REQUEST = "COCO 2017 is downloaded from https://cocodataset.org/#download."

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        label_noise: dict | None = None,
        subset: str | None = None,
        **kwargs,
    ) -> None:
        default = "train2017" if split == "train" else "val2017"
        self.subset = subset or default
        self.label_noise = label_noise
        super().__init__(data_root, split, **kwargs)

    @property
    def image_folder(self) -> Path:
        return Path(self.data_root) / self.subset

    def load_annotations(self) -> SceneAnnotations:
        path = self.require("annotations", f"instances_{self.subset}.json")
        self.require(self.subset)

        def build() -> dict[str, np.ndarray]:
            scenes, unplaced = read_coco_persons(path)
            return vars(scenes) | dict(unplaced=np.array(unplaced))

        arrays = self.cached(f"coco_{self.subset}", (path,), "coco-2", build)
        self.note("annotations without image", *unplaced_note(arrays, path))
        scenes = SceneAnnotations(**arrays)
        if self.label_noise is not None:
            scenes = corrupt_labels(scenes, **self.label_noise)
        return scenes


def unplaced_note(arrays: dict[str, np.ndarray], path: Path) -> tuple[int, str]:
    """Take ``unplaced`` out of arrays: its number, and what to say of it."""
    message = f"annotations of {path} refer to an image_id that no image has."
    return int(arrays.pop("unplaced")), message


def read_coco_persons(path: Path) -> tuple[SceneAnnotations, int]:
    """Images with persons of a COCO ``instances`` file, in file order.

    Returns:
        The scenes, and the number of annotated persons whose image does not exist.

    Raises:
        DataLayoutError: Not such a file, or no annotation is that of a person in one
            of its images.
    """
    coco = read_coco(path)
    boxes: dict[Hashable, list] = {image["id"]: [] for image in coco.images}
    unplaced: list[Hashable] = []
    for item, box in coco.persons():
        place = boxes.get(item["image_id"])
        if place is None:
            unplaced.append(item["image_id"])
        else:
            place.append(box)
    images = [image for image in coco.images if boxes[image["id"]]]
    if coco.annotations and not images:
        raise DataLayoutError(_why_nothing(coco, unplaced))
    per_image = []
    for image in images:
        xyxy = np.array(boxes[image["id"]], dtype=np.float64)
        xyxy[:, 2:] += xyxy[:, :2]
        per_image.append(xyxy)
    scenes = SceneAnnotations.from_lists(
        [image["file_name"] for image in images],
        per_image,
        [np.full(len(xyxy), -1) for xyxy in per_image],
        sizes=np.array([coco.size(i) for i in images], np.int64).reshape(-1, 2),
    )
    return scenes, len(unplaced)


def _why_nothing(coco: CocoFile, unplaced: list[Hashable]) -> str:
    """Why no image of a file shows a person although it has annotations."""
    if unplaced:
        known = [image["id"] for image in coco.images[:1]]
        kinds = f"; the first image's id is {known[0]!r}" if known else ""
        return (
            f"{coco.path}: all {len(unplaced)} annotations refer to an image_id that "
            f"no image has, first {shortened(unplaced[0])}{kinds}; both must be the "
            "same number or the same text."
        )
    ids = {item["category_id"] for item in coco.annotations}
    names = [repr(coco.categories.get(number, number)) for number in ids]
    return (
        f"{coco.path}: none of {len(coco.annotations)} annotations is of the category "
        f"'person' and no crowd; they are of category {', '.join(sorted(names))}."
    )
