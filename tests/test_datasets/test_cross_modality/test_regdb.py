from collections import Counter
from pathlib import Path

import pytest

from mmpsearch.datasets import RegDB
from mmpsearch.errors import DataLayoutError


def people_of(dataset):
    paths = (dataset.get_data_info(i)["img_path"] for i in range(len(dataset)))
    return {Path(path).parent.name for path in paths}


def test_trials_divide_the_people_differently(rendered):
    root = rendered("regdb")
    divisions = set()
    for trial in range(1, 11):
        train = RegDB(root, trial)
        test = RegDB(root, trial, split="test")
        assert (len(train), train.num_identities) == (24, 4)
        assert (len(test), test.metainfo["num_queries"]) == (18, 9)
        assert not people_of(train) & people_of(test)
        assert len(people_of(train) | people_of(test)) == 7
        assert test.metainfo["trial"] == trial
        divisions.add(frozenset(people_of(train)))
    assert len(divisions) > 3


def test_modality_and_labels_come_from_the_lists(rendered):
    root = rendered("regdb")
    train, test = RegDB(root), RegDB(root, split="test")
    assert Counter(train.modalities.tolist()) == {"rgb": 12, "ir": 12}
    assert test.modalities.tolist() == ["rgb"] * 9 + ["ir"] * 9
    for dataset in (train, test):
        for i in range(len(dataset)):
            info = dataset.get_data_info(i)
            folder = Path(info["img_path"]).parts[-3]
            assert folder == ("Thermal" if info["modality"] == "ir" else "Visible")
            assert info["camera_id"] == int(folder == "Thermal")
        assert sorted(set(dataset.person_ids)) == list(range(dataset.num_identities))
    assert test.get_data_info(0)["is_query"] and not test.get_data_info(9)["is_query"]


def test_what_is_wrong_is_named(copied):
    root = copied("regdb")
    with pytest.raises(ValueError, match="trial must be 1 to 10, got 11"):
        RegDB(root, 11)
    path = root / "idx" / "train_thermal_2.txt"
    name = path.read_text().split()[0]
    (root / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"1 of 12 pictures.*first .*{name}"):
        RegDB(root, 2)
    path.write_text((root / "idx" / "train_visible_2.txt").read_text())
    with pytest.raises(DataLayoutError, match="line 1: expected 'Thermal/.*got 'Visi"):
        RegDB(root, 2)
    path.write_text("Thermal/1/male.bmp\n")
    with pytest.raises(DataLayoutError, match="train_thermal_2.txt, line 1: expected"):
        RegDB(root, 2)
    path.unlink()
    with pytest.raises(FileNotFoundError, match="(?s)train_thermal_2.txt is missing"):
        RegDB(root, 2)
    assert RegDB("x", lazy_init=True).published("train").images == 4120
