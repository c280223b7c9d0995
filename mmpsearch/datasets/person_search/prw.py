"""PRW (Zheng et al., CVPR 2017), read from its official layout."""

import re
from pathlib import Path

import numpy as np

from mmpsearch.datasets.io.mat_files import load_mat, texts
from mmpsearch.datasets.io.text_files import read_lines
from mmpsearch.datasets.person_search.annotations import SceneAnnotations
from mmpsearch.datasets.person_search.base import PersonSearchDataset
from mmpsearch.errors import DataLayoutError
from mmpsearch.registry import DATASETS
from mmpsearch.structures.search_protocol import (
    SearchProtocol,
    positives_from_ground_truth,
)

BOX_VARIABLES = ("box_new", "anno_file", "anno_previous")


@DATASETS.register_module()
class PRW(PersonSearchDataset):
    """PRW: 5,704 training and 6,112 test frames of 6 cameras, 2,057 queries.

    Coordinates are cut to integers and negative ones set to 0, as the reference does.
    Official id -2 is a person without identity label. Training ids are numbered by
    ``ID_train.mat`` (483 identities). The gallery of a query is every test frame
    but its own.

    Args:
        data_root: Folder with ``frames``, ``annotations``, ``frame_train.mat`` ...
        split: ``'train'`` or ``'test'``.
        **kwargs: Of :class:`PersonSearchDataset`.
    """

    NAME = "PRW"
    IMAGE_FOLDER = "frames"
    SYNTHETIC_LAYOUT = "prw"
    LAYOUT = """\
  frames/c1s1_000151.jpg ...
  annotations/c1s1_000151.jpg.mat ...
  frame_train.mat, frame_test.mat, ID_train.mat, ID_test.mat
  query_info.txt, query_box/"""
    REQUEST = (
        "PRW is offered by its authors, see "
        "https://github.com/liangzheng06/PRW-baseline."
    )

    def load_annotations(self) -> SceneAnnotations:
        frames = self.require(f"frame_{self.split}.mat")
        names = texts(load_mat(frames, f"img_index_{self.split}"))
        keys = [name if name.endswith(".jpg") else f"{name}.jpg" for name in names]
        self.require("annotations")
        paths = [self.require("annotations", f"{key}.mat") for key in keys]

        def build() -> dict[str, np.ndarray]:
            per_frame = [read_frame(path) for path in paths]
            cameras = [camera_of(key) for key in keys]
            scenes = SceneAnnotations.from_lists(
                keys, [b for b, _ in per_frame], [i for _, i in per_frame], cameras
            )
            return vars(scenes)

        sources = (frames, *paths)
        return SceneAnnotations(
            **self.cached(f"prw_{self.split}", sources, "prw-1", build)
        )

    def training_ids(self, scenes: SceneAnnotations) -> np.ndarray:
        """Sorted ids of ``ID_train.mat``; others become unlabelled, with a warning."""
        path = self.require("ID_train.mat")
        listed = load_mat(path, "ID_train")
        if listed.dtype.kind not in "iuf":
            raise DataLayoutError(
                f"{path}: ID_train must hold numbers, got {listed.dtype}."
            )
        listed = np.unique(listed.astype(np.int64))
        unlisted = (scenes.person_ids >= 0) & ~np.isin(scenes.person_ids, listed)
        self.note(
            "ids not listed",
            unlisted.sum(),
            f"boxes have an id that {path} does not list; they count as unlabelled.",
        )
        return listed

    def load_protocol(self, scenes: SceneAnnotations) -> SearchProtocol:
        path = self.require("query_info.txt")
        position = {key: i for i, key in enumerate(scenes.image_keys.tolist())}
        images, boxes, ids, different = [], [], [], 0
        for number, (person, box, key) in enumerate(read_query_info(path), start=1):
            if key not in position:
                raise DataLayoutError(
                    f"{path}, line {number}: {key} is not a frame of frame_test.mat."
                )
            annotated, annotated_ids = scenes.of_image(position[key])
            same = annotated[annotated_ids == person]
            # Three real queries are a pixel wider than their annotation.
            near = len(same) and np.abs(same[0] - box).max() <= 1
            different += not near
            images.append(position[key])
            boxes.append(same[0] if near else box)
            ids.append(person)
        self.note(
            "queries without annotation",
            different,
            f"queries of {path.name} are not annotated like that in their frame.",
        )
        truth = (scenes.boxes, scenes.person_ids, scenes.offsets)
        offsets, positives, positive_boxes = positives_from_ground_truth(
            *truth, np.array(images), np.array(ids)
        )
        return SearchProtocol(
            name=self.NAME,
            image_keys=scenes.image_keys.tolist(),
            image_cameras=scenes.cameras,
            gt_boxes=truth[0],
            gt_person_ids=truth[1],
            gt_offsets=truth[2],
            query_images=images,
            query_boxes=boxes,
            query_person_ids=ids,
            gallery_offsets=None,
            gallery_images=None,
            positive_offsets=offsets,
            positive_images=positives,
            positive_boxes=positive_boxes,
        )


def read_frame(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(n, 4) float64 xyxy boxes and (n,) ids (-1 unlabelled) annotated in a frame."""
    rows = load_mat(path, *BOX_VARIABLES)
    if rows.size and (rows.ndim != 2 or rows.shape[1] != 5):
        raise DataLayoutError(
            f"{path}: boxes have shape {rows.shape}, expected (n, 5): id, x, y, width, "
            "height."
        )
    rows = rows.reshape(-1, 5).astype(np.float64)
    if not np.isfinite(rows).all():
        raise DataLayoutError(
            f"{path}: a box is not finite; extract the archive again."
        )
    person_ids = rows[:, 0].astype(np.int64)
    return whole_pixels(rows[:, 1:]), np.where(person_ids < 0, -1, person_ids)


def whole_pixels(boxes: np.ndarray) -> np.ndarray:
    """(n, 4) xywh boxes cut to integers, not below 0, as float64 xyxy."""
    boxes = np.clip(boxes.astype(np.int64), 0, None).astype(np.float64)
    boxes[:, 2:] += boxes[:, :2]
    return boxes


def camera_of(key: str) -> int:
    """Camera number in a frame's name (``c3s1_000151.jpg`` is of camera 3)."""
    found = re.match(r"c(\d+)s", key)
    if found is None:
        raise DataLayoutError(
            f"PRW: frame name {key!r} does not begin with c<camera>s."
        )
    return int(found[1])


def read_query_info(path: Path) -> list[tuple[int, np.ndarray, str]]:
    """Official id, (4,) float64 xyxy box and image name of each query."""
    queries = []
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            person, *box, name = line.split()
            box = np.array(box, dtype=np.float64).reshape(1, 4)
            person = int(float(person))
        except (ValueError, OverflowError) as error:
            raise DataLayoutError(
                f"{path}, line {number}: expected 'id x y width height frame', got "
                f"{line.strip()!r}."
            ) from error
        key = name if name.endswith(".jpg") else f"{name}.jpg"
        queries.append((person, whole_pixels(box)[0], key))
    if not queries:
        raise DataLayoutError(f"{path} holds no query.")
    return queries
