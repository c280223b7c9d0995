import json

import numpy as np
import pytest
from PIL import Image

from mmpsearch.datasets import COCOPersons
from mmpsearch.errors import DataLayoutError, MissingPicturesError

from ..layouts import coco_box, write_coco


def _one_image(category_id=1, image_id=1, **changes):
    image = dict(id=1, file_name="a.jpg", height=20, width=20) | changes
    return json.dumps(
        dict(
            categories=[dict(id=1, name="person"), dict(id=2, name="car")],
            images=[image],
            annotations=[coco_box(7, image_id, [1, 1, 3, 3], category_id)],
        )
    )


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
            "bbox of annotation 7 must be four numbers",
        ),
        (
            json.dumps(dict(images=[], annotations=[coco_box(7, 1, [10**400] * 4)])),
            "got \\[1000",
        ),
        (
            json.dumps(dict(images=[], annotations=[coco_box(7, 1, [1, 2, 3, 4])])),
            "all 1 annotations refer to an image_id that no image has, first 1",
        ),
        (json.dumps(dict(images=[dict(id=1)], annotations=[])), "'file_name' is miss"),
        (json.dumps(dict(images=[3], annotations=[])), "'images' must be a list of ob"),
        (_one_image(file_name="a\0.jpg"), "file_name must be the name of a picture"),
        (_one_image(file_name="\ud800.jpg"), "file_name must be the name of a picture"),
        (_one_image(height=10**30), "height of image 1 must be a number of pixels"),
        (_one_image(height=-5), "height of image 1 must be a number of pixels"),
        (_one_image(height="a"), "height of image 1 must be a number of pixels"),
        (_one_image(image_id="1"), "first '1'; the first image's id is 1"),
        (_one_image(category_id=2), "they are of category 'car'"),
        (_one_image().replace("20", "NaN"), "it holds NaN"),
        ("[" * 200_000, "nested too deeply"),
        ('{"images": ' + "9" * 5000 + "}", "damaged or not JSON"),
        (json.dumps(dict(images=[], annotations=[])), "no image of split 'train'"),
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


@pytest.mark.parametrize("size", [dict(height=None), dict(height=0, width=0)])
def test_unknown_sizes_are_read_from_the_pictures(tmp_path, size):
    write_coco(tmp_path, json.loads(_one_image(**size)), images=False)
    (tmp_path / "train2017").mkdir()
    Image.new("RGB", (30, 40)).save(tmp_path / "train2017/a.jpg")
    info = COCOPersons(str(tmp_path)).get_data_info(0)
    assert (info["height"], info["width"]) == (40, 30)


def test_annotations_of_absent_images_are_counted(tmp_path):
    content = json.loads(_one_image())
    content["annotations"].append(coco_box(8, 99, [1, 1, 3, 3]))
    dataset = COCOPersons(str(write_coco(tmp_path, content)))
    assert dataset.problem_counts == {"annotations without image": 1}
    again = COCOPersons(str(tmp_path))  # from the cache
    assert again.problem_counts == {"annotations without image": 1}


def test_missing_pictures_are_found_at_the_start(tmp_path):
    content = json.loads(_one_image())
    content["images"].append(dict(id=2, file_name="b/c.jpg", height=20, width=20))
    content["annotations"].append(coco_box(8, 2, [1, 1, 3, 3]))
    root = write_coco(tmp_path, content)
    (root / "train2017/b/c.jpg").unlink()
    with pytest.raises(MissingPicturesError, match="1 of 2 train images are missing"):
        COCOPersons(str(root))
    dataset = COCOPersons(str(root), on_bad_image="skip")
    assert len(dataset) == 1 and dataset.problem_counts == {"missing images": 1}


def test_boxes_in_shares_of_the_picture_are_refused(tmp_path):
    content = json.loads(_one_image())
    content["annotations"][0]["bbox"] = [0.05, 0.1, 0.15, 0.6]
    with pytest.raises(DataLayoutError, match="lie between 0 and 1.*multiply"):
        COCOPersons(str(write_coco(tmp_path, content)))
