"""Tracks that were looked at, as a data set in COCO's format."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmpsearch.datasets.io.image_files import image_headers
from mmpsearch.datasets.person_search.own.people_table import PeopleRow, names_of_boxes
from mmpsearch.datasets.person_search.own.queries import choose_queries
from mmpsearch.datasets.person_search.own.scenes import OwnScenes
from mmpsearch.datasets.person_search.own.splits import test_images
from mmpsearch.datasets.person_search.own.track_folder import TrackedCamera
from mmpsearch.utils.atomic import replace_when_done


def collect_scenes(
    cameras: Sequence[TrackedCamera], people: Sequence[PeopleRow], frame_step: int = 1
) -> tuple[OwnScenes, list[Path]]:
    """Frames of all cameras with the people of the table.

    Args:
        cameras: The tracked cameras.
        people: Rows of ``people.csv``.
        frame_step: Every ``frame_step``-th picture of a camera is taken.

    Returns:
        The scenes, their keys ``<camera>/<picture>``, and the pictures' files.
    """
    keys: list[str] = []
    boxes: list[np.ndarray] = []
    names: list[list[str]] = []
    places: list[str] = []
    files: list[Path] = []
    for camera in cameras:
        who, discarded = names_of_boxes(people, camera.name, camera.rows)
        frames = sorted(camera.sequence.pictures)[::frame_step]
        by_frame = np.searchsorted(camera.rows.frames, [frames, np.array(frames) + 1])
        for frame, begin, end in zip(frames, *by_frame.tolist(), strict=True):
            kept = [i for i in range(begin, end) if not discarded[i]]
            file = camera.picture(frame)
            keys.append(f"{camera.name}/{file.name}")
            boxes.append(camera.rows.boxes[kept])
            names.append([who[i] for i in kept])
            places.append(camera.name)
            files.append(file)
    headers = image_headers([str(file) for file in files])
    return OwnScenes.of(keys, boxes, names, places, sizes=headers[:, :2]), files


def write_own_coco(
    out: Path,
    own: OwnScenes,
    files: Sequence[Path],
    by: str = "time",
    test_share: float = 0.5,
) -> dict[str, int]:
    """Write ``annotations.json`` and ``images/``.

    Pictures are linked where the file system allows it, else copied. Split by person,
    one box of each test person and camera is marked as a query.

    Args:
        out: Folder of the data set.
        own: The scenes.
        files: The pictures, in the same order.
        by: How to split, see
            :func:`~mmpsearch.datasets.person_search.own.splits.test_images`.
        test_share: Of the images, cameras or people.

    Returns:
        Numbers of what was written.
    """
    is_test = test_images(own, by, test_share)
    scenes = own.scenes
    queries = set(_queries(own, is_test).tolist() if by == "person" else ())
    images, annotations = [], []
    for number, (key, file) in enumerate(
        zip(scenes.image_keys.tolist(), files, strict=True)
    ):
        _link(file, out / "images" / key)
        camera = int(scenes.cameras[number])
        height, width = scenes.sizes[number].tolist()
        images.append(
            dict(
                id=number + 1,
                file_name=key,
                height=height,
                width=width,
                camera_id=own.cameras[camera] if camera >= 0 else None,
                split="test" if is_test[number] else "train",
            )
        )
        for box, person in zip(*scenes.of_image(number), strict=True):
            x1, y1, x2, y2 = (round(value, 2) for value in box.tolist())
            annotations.append(
                dict(
                    id=len(annotations) + 1,
                    image_id=number + 1,
                    category_id=1,
                    bbox=[x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)],
                    area=round((x2 - x1) * (y2 - y1), 2),
                    iscrowd=0,
                    person_id=own.people[person] if person >= 0 else None,
                )
            )
            if len(annotations) - 1 in queries:
                annotations[-1]["is_query"] = True
    content = dict(
        images=images,
        annotations=annotations,
        categories=[dict(id=1, name="person")],
    )
    with replace_when_done(out / "annotations.json") as temporary:
        Path(temporary).write_text(json.dumps(content), encoding="utf-8")
    labelled = scenes.person_ids >= 0
    return {
        "training images": int((~is_test).sum()),
        "test images": int(is_test.sum()),
        "boxes": len(scenes.boxes),
        "boxes with a person": int(labelled.sum()),
        "people": len(np.unique(scenes.person_ids[labelled])),
        "cameras": len(own.cameras),
    }


def _queries(own: OwnScenes, is_test: np.ndarray) -> np.ndarray:
    """Positions, among all boxes, of queries for people of test images alone."""
    scenes = own.scenes
    in_test = is_test[scenes.images_of_boxes]
    trained = np.unique(scenes.person_ids[~in_test])
    chosen = choose_queries(
        scenes.keep_images(is_test), own.order[is_test], unwanted=trained.tolist()
    )
    return np.flatnonzero(in_test)[chosen]


def _link(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.unlink()
    try:
        os.link(file, target)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(file, target)
