import json
from pathlib import Path

import numpy as np
import pytest

from mmpsearch.datasets import COCOPersons
from mmpsearch.datasets.person_search.coco_persons import read_coco_persons
from mmpsearch.datasets.person_search.label_noise import (
    corrupt_labels,
    draw_spurious_labels,
    missing_label_partitions,
)

from ..layouts import write_coco

PATH = Path(__file__).parents[2] / "data/person_search/cocopersons_partitions.json"
GOLDEN = json.loads(PATH.read_text())
SOURCE, PARTITIONS = GOLDEN["source"], GOLDEN["partitions"]


def golden_boxes(partition):
    """Per image the xywh boxes of a reference partition, in its order."""
    originals = {item["id"]: item for item in SOURCE["annotations"]}
    boxes = {image: [] for image in PARTITIONS[partition]["image_ids"]}
    for image, annotation, _, *added in PARTITIONS[partition]["anns"]:
        box = added or originals[annotation]["bbox"]
        boxes[image].append([round(value, 3) for value in box])
    return boxes


def file_boxes(scenes):
    ids = {image["file_name"]: image["id"] for image in SOURCE["images"]}
    boxes = {}
    for i, key in enumerate(scenes.image_keys.tolist()):
        xywh = scenes.of_image(i)[0].copy()
        xywh[:, 2:] -= xywh[:, :2]
        boxes[ids[key]] = np.round(xywh, 3)
    return boxes


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    path = tmp_path_factory.mktemp("coco") / "instances.json"
    path.write_text(json.dumps(SOURCE))
    return read_coco_persons(path)[0]


def test_all_persons(scenes):
    expected, found = golden_boxes("train"), file_boxes(scenes)
    assert list(found) == list(expected)
    for image, boxes in expected.items():
        np.testing.assert_allclose(found[image], boxes, atol=2e-3)


@pytest.mark.parametrize("percent", [20, 40, 60, 80, 100, 120, 140, 160, 180])
def test_partitions_hold_the_reference_boxes(scenes, percent):
    expected = golden_boxes(f"train_p{percent}")
    found = file_boxes(corrupt_labels(scenes, percent))
    assert list(found) == list(expected)
    for image, boxes in expected.items():
        # The order within an image is ours: that of the annotation file.
        np.testing.assert_allclose(
            np.array(sorted(found[image].tolist())), sorted(boxes), atol=2e-3
        )


def test_missing_labels_are_nested_and_every_image_keeps_one():
    images = np.repeat([5, 3, 9], [4, 6, 2])
    kept = missing_label_partitions(images, seed=7)
    sets = [set(chosen.tolist()) for chosen in kept.values()]
    assert [len(s) for s in sets] == [10, 8, 5, 3]  # ceil of 9.6, 7.2, 4.8, 2.4
    assert all(
        larger > smaller for larger, smaller in zip(sets, sets[1:], strict=False)
    )
    assert all({images[i] for i in s} == {3, 5, 9} for s in sets)
    again = missing_label_partitions(images, seed=8)
    assert set(again[40].tolist()) != sets[2]


def test_no_annotations():
    assert missing_label_partitions(np.zeros(0, int))[20].tolist() == []
    assert draw_spurious_labels(0, 1, 1)[180][0].tolist() == []


def test_unknown_percentage(scenes):
    with pytest.raises(ValueError, match="percent 50 is not one of"):
        corrupt_labels(scenes, 50)


def test_data_set_option(tmp_path):
    write_coco(tmp_path, SOURCE, images=False)
    (tmp_path / "train2017").mkdir()
    noise = dict(percent=140)
    noisy = COCOPersons(str(tmp_path), label_noise=noise, read_sizes=False)
    boxes = sum(len(info["gt_bboxes"]) for info in map(noisy.get_data_info, range(43)))
    assert len(noisy) == 43 and boxes == 462
    ids = np.concatenate([noisy.get_data_info(i)["gt_unique_ids"] for i in range(43)])
    assert ids.tolist() == list(range(462))
