"""COCOPersons: the persons of COCO 2017 as weakly labelled pre-training data."""

import json
import math
from pathlib import Path

import numpy as np

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
        partition: ``'train'`` (train2017) or ``'test'`` (val2017, for detection).
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
        partition: str = "train",
        label_noise: dict | None = None,
        subset: str | None = None,
        **kwargs,
    ) -> None:
        default = "train2017" if partition == "train" else "val2017"
        self.subset = subset or default
        self.label_noise = label_noise
        super().__init__(data_root, partition, **kwargs)

    @property
    def image_folder(self) -> Path:
        return Path(self.data_root) / self.subset

    def load_annotations(self) -> SceneAnnotations:
        path = self.require("annotations", f"instances_{self.subset}.json")
        self.require(self.subset)

        def build() -> dict[str, np.ndarray]:
            return vars(read_coco_persons(path))

        arrays = self.cached(f"coco_{self.subset}", (path,), "coco-1", build)
        scenes = SceneAnnotations(**arrays)
        if self.label_noise is not None:
            scenes = corrupt_labels(scenes, **self.label_noise)
        return scenes


def _without_outline(item: dict) -> dict:
    item.pop("segmentation", None)
    return item


def read_coco_persons(path: Path) -> SceneAnnotations:
    """Images with persons of a COCO ``instances`` file, in file order."""
    try:
        # Outlines are most of the file: dropped at once, they cost no memory.
        content = json.loads(path.read_bytes(), object_hook=_without_outline)
        if not isinstance(content, dict):
            raise DataLayoutError(
                f"{path} is not a COCO instances file: it holds a "
                f"{type(content).__name__}, not an object with images and annotations."
            )
        images, annotations = content["images"], content["annotations"]
        categories = content.get("categories", [dict(id=1, name="person")])
        person = [item["id"] for item in categories if item["name"] == "person"]
        if not person:
            raise DataLayoutError(f"{path} has no category 'person'.")
        boxes: dict[int, list] = {}
        for item in annotations:
            if item["category_id"] == person[0] and not item.get("iscrowd", 0):
                box = item["bbox"]
                if len(box) != 4 or not all(map(math.isfinite, box)):
                    raise DataLayoutError(
                        f"{path}: the bbox of annotation {item.get('id')} must be four "
                        f"numbers, got {box}."
                    )
                boxes.setdefault(item["image_id"], []).append(box)
        images = [image for image in images if image["id"] in boxes]
        keys = [image["file_name"] for image in images]
        sizes = [(image["height"], image["width"]) for image in images]
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataLayoutError(
            f"{path} is damaged or not JSON ({error}); download it again."
        ) from error
    except KeyError as error:
        raise DataLayoutError(
            f"{path} is not a COCO instances file: {error} is missing."
        ) from error
    except TypeError as error:
        raise DataLayoutError(
            f"{path} is not a COCO instances file: {error}."
        ) from error
    per_image = []
    for image in images:
        xyxy = np.array(boxes[image["id"]], dtype=np.float64)
        xyxy[:, 2:] += xyxy[:, :2]
        per_image.append(xyxy)
    return SceneAnnotations.from_lists(
        keys,
        per_image,
        [np.full(len(xyxy), -1) for xyxy in per_image],
        sizes=np.array(sizes, dtype=np.int64).reshape(-1, 2),
    )
