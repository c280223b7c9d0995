import shutil
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmpsearch.datasets import SYSUMM01, JointReIDDataset
from mmpsearch.datasets.cross_modality.gallery_permutations import (
    read_gallery_permutations,
)
from mmpsearch.datasets.cross_modality.sysu_mm01 import read_ids
from mmpsearch.errors import DataLayoutError


def ids_of(root, part):
    return read_ids(root / "exp" / f"{part}_id.txt")


def test_training_takes_listed_people_of_all_cameras(rendered):
    root = rendered("sysu_mm01")
    both, train, val = (SYSUMM01(root, part) for part in ("trainval", "train", "val"))
    assert (len(both), both.num_identities) == (24, 4)
    assert (len(train), train.num_identities) == (18, 3)
    assert sorted(set(both.person_ids)) == [0, 1, 2, 3]
    official = sorted(ids_of(root, "train") + ids_of(root, "val"))
    for i in range(len(both)):
        info = both.get_data_info(i)
        camera, person, _ = Path(info["img_path"]).parts[-3:]
        assert info["camera_id"] == int(camera[3:]) - 1
        assert official[info["person_id"]] == int(person)
        assert info["modality"] == ("ir" if camera in ("cam3", "cam6") else "rgb")
        assert both.modalities[i] == info["modality"]
    assert Counter(both.modalities.tolist()) == {"rgb": 16, "ir": 8}
    assert val.metainfo["num_queries"] == 2
    assert set(val.person_ids) == set(ids_of(root, "val")), (
        "official ids, as in testing"
    )


def test_infrared_pictures_are_grey(rendered):
    dataset = SYSUMM01(rendered("sysu_mm01"), "trainval")
    spread = {"rgb": [], "ir": []}
    for i in range(len(dataset)):
        info = dataset.get_data_info(i)
        image = cv2.imread(info["img_path"]).astype(int)
        spread[info["modality"]].append(np.ptp(image, axis=2).mean())
    assert max(spread["ir"]) < 1 < min(spread["rgb"])


def test_testing_holds_queries_then_all_that_galleries_are_drawn_from(rendered):
    root = rendered("sysu_mm01")
    test, indoor = SYSUMM01(root, "test"), SYSUMM01(root, "test", mode="indoor")
    queries, size = test.metainfo["num_queries"], len(test)
    assert (queries, size, test.metainfo["num_gallery"]) == (6, 18, 12)
    assert (test.modalities[:queries] == "ir").all()
    assert (test.modalities[queries:] == "rgb").all()
    keys = list(zip(test.person_ids, test.camera_ids, strict=True))
    assert keys[queries:] == sorted(keys[queries:])
    assert set(indoor.camera_ids) == {0, 1, 2, 5}
    assert indoor.metainfo["num_queries"] == queries
    visible = test.camera_ids[queries:]
    assert indoor.metainfo["num_gallery"] == (visible < 2).sum() < 12


def test_rendered_permutations_fit_the_pictures(rendered):
    root = rendered("sysu_mm01")
    test = SYSUMM01(root, "test")
    tables = read_gallery_permutations(test.metainfo["gallery_permutations"])
    folders = Counter(zip(test.camera_ids + 1, test.person_ids, strict=True))
    for (camera, person), count in folders.items():
        table = tables[camera, person]
        assert table.shape == (10, count)
        assert (np.sort(table, axis=1) == np.arange(1, count + 1)).all()
    assert len(tables) == len(list(root.glob("cam*/*")))


def test_published_numbers():
    test = SYSUMM01("x", "test", lazy_init=True)
    assert test.published("query").images == 3803
    assert sum(test.published("gallery").per_camera) == 6775
    assert SYSUMM01("x", "trainval", lazy_init=True).published("train").images == 34167


def test_missing_parts_are_named(copied):
    root = copied("sysu_mm01")
    with pytest.raises(ValueError, match="mode must be 'all' or 'indoor'"):
        SYSUMM01(root, mode="outdoor")
    with pytest.raises(ValueError, match="split 'dev'"):
        SYSUMM01(root, "dev")
    (root / "cam4" / "0001.txt").write_text("not a person")
    person = ids_of(root, "train")[0]
    (root / "cam6" / f"{person:04d}" / "x.jpg").write_bytes(b"")
    with pytest.raises(DataLayoutError, match="grammar NNNN.jpg .*first 'x.jpg'"):
        SYSUMM01(root)
    (root / "exp" / "train_id.txt").write_text("1,,a7\n")
    with pytest.raises(DataLayoutError, match="train_id.txt: .*commas, got 'a7'"):
        SYSUMM01(root)
    (root / "exp" / "train_id.txt").write_text("9999\n")
    with pytest.raises(DataLayoutError, match="person 9999 of train has no picture"):
        SYSUMM01(root)
    (root / "exp" / "train_id.txt").unlink()
    with pytest.raises(FileNotFoundError, match="(?s)train_id.txt is missing.*request"):
        SYSUMM01(root)
    (root / "cam3").rename(root / "camera3")
    with pytest.raises(FileNotFoundError, match="cam3 is missing"):
        SYSUMM01(root, "test")


def test_people_of_two_training_splits_are_joined(rendered):
    root = rendered("sysu_mm01")
    first, second = SYSUMM01(root, "trainval"), SYSUMM01(root, "train")
    joint = JointReIDDataset([first, second])
    assert joint.num_identities == 7 and set(joint.person_ids) == set(range(7))
    assert set(joint.camera_ids) == set(range(12))
    last = joint.get_data_info(len(joint) - 1)
    assert last["modality"] == second.get_data_info(len(second) - 1)["modality"]
    assert last["img_id"] == len(joint) - 1


def test_a_test_person_without_pictures_is_missed(copied):
    root = copied("sysu_mm01")
    person = ids_of(root, "test")[1]
    for camera in (3, 6):
        shutil.rmtree(root / f"cam{camera}" / f"{person:04d}", ignore_errors=True)
    with pytest.raises(DataLayoutError, match=f"{person:04d} of test .*in cam3, cam6"):
        SYSUMM01(root, "test").full_init()
    (root / "exp" / "test_id.txt").write_bytes("1,２\n".encode("utf-16"))
    with pytest.raises(DataLayoutError, match="test_id.txt is not a text file"):
        SYSUMM01(root, "test").full_init()
