import json

import numpy as np
import pytest

from mmpsearch.datasets import COCOPersons
from mmpsearch.errors import DataLayoutError

from ..layouts import coco_box, write_coco


def test_persons_without_crowds_and_other_things(tmp_path):
    dataset = COCOPersons(str(write_coco(tmp_path)))
    assert len(dataset) == 2 and dataset.num_identities == 0
    assert "protocol" not in dataset.metainfo
    first, second = dataset.get_data_info(0), dataset.get_data_info(1)
    assert first["img_key"] == f"{7:012d}.jpg" and second["img_key"] == f"{9:012d}.jpg"
    assert (first["height"], first["width"]) == (64, 80)
    # The second box is cut at the right border.
    assert first["gt_bboxes"].tolist() == [[1, 2, 31, 42], [60, 20, 80, 50]]
    assert first["gt_person_ids"].tolist() == [-1, -1]
    assert first["gt_unique_ids"].tolist() == [0, 1]
    assert second["gt_unique_ids"].tolist() == [2]
    assert dataset.problem_counts == {"boxes without area": 1, "boxes outside": 1}


def test_another_subset_and_min_persons(tmp_path):
    write_coco(tmp_path)
    (tmp_path / "train2017").rename(tmp_path / "mine")
    folder = tmp_path / "annotations"
    (folder / "instances_train2017.json").rename(folder / "instances_mine.json")
    dataset = COCOPersons(str(tmp_path), subset="mine", filter_cfg=dict(min_persons=2))
    assert len(dataset) == 1
    assert dataset.get_data_info(0)["gt_bboxes"].shape == (2, 4)


def test_file_without_categories_and_order_of_ids(tmp_path):
    content = dict(
        images=[dict(id=1, file_name="a.jpg", height=20, width=20)],
        annotations=[coco_box(5, 1, [1, 1, 3, 3]), coco_box(2, 1, [2, 2, 4, 4])],
    )
    dataset = COCOPersons(str(write_coco(tmp_path, content)))
    boxes = dataset.get_data_info(0)["gt_bboxes"]
    assert boxes.tolist() == [[1, 1, 4, 4], [2, 2, 6, 6]]


@pytest.mark.parametrize(
    "text, message",
    [
        ('{"images": [', "damaged or not JSON"),
        (json.dumps(dict(images=[])), "'annotations'"),
        (
            json.dumps(dict(images=[], annotations=[], categories=[])),
            "no category 'person'",
        ),
        ("[]", "it holds a list"),
        (
            json.dumps(dict(images=[], annotations=[coco_box(7, 1, [1, 2, 3])])),
            "bbox of annotation 7 must be four numbers",
        ),
        (
            json.dumps(dict(images=[], annotations=[coco_box(7, 1, [1, 2, 3, "x"])])),
            "instances file: must be real number, not str",
        ),
        (json.dumps(dict(images=[], annotations=[])), "no image of partition 'train'"),
    ],
)
def test_bad_files_are_named(tmp_path, text, message):
    write_coco(tmp_path)
    path = tmp_path / "annotations" / "instances_train2017.json"
    path.write_text(text)
    with pytest.raises(DataLayoutError, match=message) as error:
        COCOPersons(str(tmp_path))
    assert str(path) in str(error.value) or str(tmp_path) in str(error.value)


def test_cached_annotations_are_used_and_renewed(tmp_path, monkeypatch):
    write_coco(tmp_path)
    COCOPersons(str(tmp_path))
    monkeypatch.setattr(json, "loads", lambda *_, **__: pytest.fail("parsed again"))
    assert len(COCOPersons(str(tmp_path))) == 2
    monkeypatch.undo()
    path = tmp_path / "annotations" / "instances_train2017.json"
    content = json.loads(path.read_text())
    content["annotations"] = content["annotations"][:1]
    path.write_text(json.dumps(content))
    dataset = COCOPersons(str(tmp_path))
    assert len(dataset) == 1
    assert np.array_equal(dataset.get_data_info(0)["gt_bboxes"], [[5, 6, 15, 26]])
