"""COCO's layout, parsed here with pycocotools."""

from collections import Counter

import pytest
from PIL import Image
from pycocotools.coco import COCO

from mmpsearch.datasets.synthetic.writers.coco import annotations_of


@pytest.fixture(scope="module")
def document(coco):
    return COCO(coco[0] / "annotations" / "instances_train2017.json")


def test_images(coco, document):
    root = coco[0]
    assert len(document.imgs) == 40
    for image_id, image in document.imgs.items():
        assert image["file_name"] == f"{image_id:012d}.jpg"
        with Image.open(root / "train2017" / image["file_name"]) as file:
            assert file.size == (image["width"], image["height"]) == (160, 112)


def test_boxes_areas_and_masks_agree(document):
    for annotation in document.anns.values():
        x, y, w, h = annotation["bbox"]
        assert 0 <= x and 0 <= y and x + w <= 160 and y + h <= 112 and w > 0 and h > 0
        mask = document.annToMask(annotation).astype(bool)
        if annotation["iscrowd"]:
            assert mask.sum() == annotation["area"]
        elif annotation["area"] > 150:
            most = 2.5 if annotation["category_id"] == 2 else 1.3  # holes are filled
            assert 0.93 < mask.sum() / annotation["area"] < most
        rows, columns = mask.nonzero()
        assert x - 1 <= columns.min() and columns.max() <= x + w
        assert y - 1 <= rows.min() and rows.max() <= y + h


def test_filters_have_something_to_do(coco, document):
    kinds = Counter((a["category_id"], a["iscrowd"]) for a in document.anns.values())
    assert kinds[1, 0] == coco[4]["people"] > 60
    assert kinds[1, 1] == coco[4]["crowds"] >= 1
    assert len({category for category, _ in kinds}) >= 3
    with_people = {
        a["image_id"]
        for a in document.anns.values()
        if a["category_id"] == 1 and not a["iscrowd"]
    }
    assert len(with_people) < len(document.imgs)
    assert document.cats[1]["name"] == "person"


def test_annotations_of_a_record():
    item = {"id": -1, "box": (2, 3, 12, 33), "area": 200, "outline": [[2.0, 3.0] * 3]}
    bench = item | {"id": "bench"}
    pole = item | {"id": "pole"}  # has no category in COCO
    crowd = {"box": [0, 0, 4, 4], "area": 6, "runs": [0, 6, 10]}
    record = {"height": 4, "width": 4, "people": [item], "props": [bench, pole]}
    found = annotations_of(record | {"crowd": crowd}, 7)
    assert [a["category_id"] for a in found] == [1, 15, 1]
    assert found[0]["bbox"] == [2.0, 3.0, 10.0, 30.0] and found[0]["iscrowd"] == 0
    assert found[2]["segmentation"] == {"counts": [0, 6, 10], "size": [4, 4]}
    assert found[2]["iscrowd"] == 1 and {a["image_id"] for a in found} == {7}


def test_our_dataset_class_reads_it(coco):
    from mmpsearch import datasets

    dataset = datasets.COCOPersons(data_root=str(coco[0]))
    boxes = sum(len(dataset.get_data_info(i)["gt_bboxes"]) for i in range(len(dataset)))
    assert boxes == coco[4]["people"]
