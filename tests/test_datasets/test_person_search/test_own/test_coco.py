import json

import numpy as np
import pytest
from PIL import Image

from mmpsearch.datasets import COCOPersonSearch
from mmpsearch.errors import DataLayoutError, MissingPicturesError
from mmpsearch.registry import DATASETS

SPLITS = ["train", "train", "test", "test", "test"]


def content(**keys):
    """Five pictures by two cameras; anna and bob, whom the last three show too."""
    rows = [  # image, person, box
        (1, "anna", [1, 2, 10, 30]),
        (1, None, [50, 2, 10, 30]),
        (2, "bob", [5, 5, 10, 20]),
        (3, "carl", [5, 5, 10, 20]),
        (3, "dora", [40, 5, 10, 20]),
        (4, "carl", [15, 5, 20, 20]),
        (5, "carl", [25, 5, 10, 20]),
    ]
    images = [
        dict(id=i, file_name=f"f{i}.jpg", height=60, width=80, split=split)
        for i, split in enumerate(SPLITS, start=1)
    ]
    for image in images:
        image["camera_id"] = "hall" if image["id"] in (1, 3) else "door"
    annotations = [
        dict(id=n, image_id=image, category_id=1, bbox=box, person_id=person)
        for n, (image, person, box) in enumerate(rows, start=1)
    ]
    categories = [dict(id=1, name="person")]
    return dict(images=images, annotations=annotations, categories=categories) | keys


def write(root, value, pictures=True):
    root.mkdir(parents=True, exist_ok=True)
    (root / "annotations.json").write_text(json.dumps(value))
    for image in value["images"] if pictures else ():
        Image.new("RGB", (80, 60)).save(root / image["file_name"])
    return str(root)


def test_people_cameras_and_splits(tmp_path):
    root = write(tmp_path, content())
    train = COCOPersonSearch(root)
    assert len(train) == 2 and train.num_identities == 2
    info = train.get_data_info(0)
    assert info["gt_bboxes"].tolist() == [[1, 2, 11, 32], [50, 2, 60, 32]]
    assert info["gt_person_ids"].tolist() == [0, -1]
    assert info["gt_unique_ids"].tolist() == [0, 2]
    assert info["camera_id"] == 1 and info["img_path"].endswith("f1.jpg")
    assert train.metainfo["people"] == ["anna", "bob", "carl", "dora"]
    assert train.metainfo["cameras"] == ["door", "hall"]
    again = COCOPersonSearch(root)  # from the cache
    assert again.get_data_info(1)["gt_person_ids"].tolist() == [1]


def test_queries_by_rule(tmp_path):
    root = write(tmp_path, content())
    protocol = COCOPersonSearch(root, "test").metainfo["protocol"]
    # dora is seen once; of carl the largest box of each camera is searched for.
    assert protocol.query_person_ids.tolist() == [2, 2]
    assert protocol.query_boxes.tolist() == [[15, 5, 35, 25], [5, 5, 15, 25]]
    assert protocol.query_images.tolist() == [1, 0]
    assert protocol.positives_of(0)[0].tolist() == [0, 2]
    one = COCOPersonSearch(root, "test", queries=dict(per="person", choose="first"))
    assert one.metainfo["protocol"].query_images.tolist() == [0]
    every = COCOPersonSearch(root, "test", queries=dict(per="image"))
    assert every.metainfo["protocol"].num_queries == 3
    info = every.get_data_info(2)
    assert info["query_bboxes"].tolist() == [[25, 5, 35, 25]]


def test_named_queries(tmp_path):
    value = content()
    value["annotations"][6]["is_query"] = True
    root = write(tmp_path, value)
    dataset = COCOPersonSearch(root, "test")
    assert dataset.metainfo["protocol"].query_images.tolist() == [2]
    rule = COCOPersonSearch(root, "test", queries=dict(per="camera"))
    assert rule.metainfo["protocol"].num_queries == 2
    value["annotations"][6] |= dict(person_id=-1)
    root = write(tmp_path / "b", value)
    with pytest.raises(DataLayoutError, match="marked as a query but has no person"):
        COCOPersonSearch(root, "test").full_init()
    root = write(tmp_path / "c", content())
    with pytest.raises(DataLayoutError, match="no box of split 'test'"):
        COCOPersonSearch(root, "test", queries="named").full_init()


def test_an_export_of_cvat(tmp_path):
    value = content()
    for image in value["images"]:
        del image["split"], image["camera_id"]
        image["file_name"] = f"cam{image['id'] % 2}/" + image["file_name"]
    for item in value["annotations"]:
        name = item.pop("person_id") or "__none__"
        numbers = dict(anna=4, bob=5, carl=6, dora=7)
        track = numbers.get(name, -1)
        item["attributes"] = dict(occluded=False, track_id=track, person_id=name)
    (tmp_path / "annotations").mkdir()
    path = tmp_path / "annotations/instances_default.json"
    path.write_text(json.dumps(value))
    for image in value["images"]:
        picture = tmp_path / "images" / image["file_name"]
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (80, 60)).save(picture)
    options = dict(split_by=dict(by="time"), camera_pattern=r"cam(\d)/")
    dataset = COCOPersonSearch(str(tmp_path), "test", person_key="track_id", **options)
    assert dataset.metainfo["people"] == ["4", "5", "6", "7"]
    assert dataset.metainfo["cameras"] == ["0", "1"]
    assert dataset.get_data_info(0)["img_path"].startswith(str(tmp_path / "images"))
    with pytest.raises(DataLayoutError, match="'track'.*attributes.track_id"):
        COCOPersonSearch(str(tmp_path), person_key="track", **options).full_init()


def test_an_orientation_is_applied_where_boxes_were_drawn(tmp_path):
    root = write(tmp_path, content())
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 80)).save(tmp_path / "f1.jpg", exif=exif)
    Image.new("RGB", (80, 60)).save(tmp_path / "f2.jpg", exif=exif)
    pipeline = [
        dict(type="mmpsearch.LoadImage"),
        dict(type="mmpsearch.PackPersonSearchInputs"),
    ]
    dataset = DATASETS.build(
        dict(type="mmpsearch.COCOPersonSearch", data_root=root, pipeline=pipeline)
    )
    # The json's size is that of the upright picture, and of the stored one.
    assert [dataset[i]["inputs"].shape[1:] for i in (0, 1)] == [(60, 80), (60, 80)]
    assert dataset.problem_counts == {"images turned": 1, "images not turned": 1}


def test_a_person_in_training_and_test_is_said(tmp_path):
    value = content()
    value["annotations"][0]["person_id"] = "carl"
    dataset = COCOPersonSearch(write(tmp_path, value), "test")
    assert dataset.problem_counts["queries seen in training"] == 2


@pytest.mark.parametrize(
    "change, message",
    [
        (
            lambda v: [i.pop("split") for i in v["images"]],
            "give the data set split_by=",
        ),
        (lambda v: v["images"][0].update(split="dev"), "split of image 'f1.jpg' must"),
        (lambda v: v["images"][0].update(camera_id=[1]), "camera_id must be a whole"),
        (lambda v: v["annotations"][0].update(person_id=1.5), "person_id must be a wh"),
        (lambda v: v["images"][1].update(file_name="f1.jpg"), "two images have the fi"),
        (lambda v: v["images"][1].update(id=1), "two images have the id 1"),
        (lambda v: v["images"][0].update(height=61), "its annotation says 61 x 80"),
        (lambda v: [a.pop("person_id") for a in v["annotations"]], "no annotation of"),
        (lambda v: [a.update(image_id="1") for a in v["annotations"]], "image_id that"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, change, message):
    value = content()
    change(value)
    with pytest.raises(DataLayoutError, match=message):
        COCOPersonSearch(write(tmp_path, value)).full_init()


def test_a_missing_picture_is_found_at_the_start(tmp_path):
    root = write(tmp_path, content())
    (tmp_path / "f2.jpg").unlink()
    with pytest.raises(MissingPicturesError, match="1 of 2 train images are missing"):
        COCOPersonSearch(root)


def test_nobody_to_find_again(tmp_path):
    value = content()
    value["annotations"] = value["annotations"][:5]
    with pytest.raises(DataLayoutError, match="nobody is labelled in two images"):
        COCOPersonSearch(write(tmp_path, value), "test").full_init()


def test_a_split_that_leaves_nothing(tmp_path):
    root = write(tmp_path, content())
    split = dict(by="camera", cameras=["hall", "door"])
    with pytest.raises(DataLayoutError, match="leave no image of .* in split 'tr"):
        COCOPersonSearch(root, split=split).full_init()


def test_ids_of_huge_numbers_stay_apart(tmp_path):
    value = content()
    value["annotations"][0]["person_id"] = 10**30
    value["annotations"][2]["person_id"] = 10**30 + 1
    train = COCOPersonSearch(write(tmp_path, value))
    ids = [train.get_data_info(i)["gt_person_ids"] for i in range(2)]
    assert np.concatenate(ids).tolist() == [0, -1, 1]
