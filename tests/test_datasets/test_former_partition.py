import warnings

import pytest

from mmpsearch.datasets import PRW, COCOPersonSearch, Market1501, SceneCrops
from mmpsearch.datasets.former_partition import current_arguments
from mmpsearch.datasets.reid.base import ReIDDataset
from mmpsearch.datasets.reid.feature_probe_set import FeatureProbeSet
from mmpsearch.registry import DATASETS
from mmpsearch.utils.config_types import accepted_keys

from .layouts import write_own, write_prw


def test_former_names_become_those_of_today_with_one_warning():
    time = dict(by="time")
    with pytest.warns(FutureWarning, match="PRW: write split='test' in place of par"):
        assert current_arguments(dict(partition="test", a=1), "PRW") == dict(
            split="test", a=1
        )
    with pytest.warns(FutureWarning) as said:
        found = current_arguments(dict(partition="val", split=time), "Own")
    assert found == dict(split="val", split_by=time) and len(said) == 1
    with pytest.warns(FutureWarning):
        assert current_arguments(dict(split=None), "Own") == dict(split_by=None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        today = dict(split="test", split_by=time)
        assert current_arguments(today, "Own") == today


def test_of_both_names_the_last_one_holds():
    """A child's keys stand behind its base's."""
    with pytest.warns(FutureWarning):
        former_child = current_arguments(dict(split="test", partition="val"), "x")
        child_of_today = current_arguments(dict(partition="val", split="test"), "x")
    assert former_child == dict(split="val")
    assert child_of_today == dict(split="test")


def test_data_sets_are_built_from_configs_of_both_names(tmp_path):
    root = str(write_prw(tmp_path / "PRW"))
    with pytest.warns(FutureWarning, match="PRW: write split='test'") as said:
        old = DATASETS.build(
            dict(type="mmpsearch.PRW", data_root=root, partition="test")
        )
    assert [w.filename for w in said if w.category is FutureWarning]
    new = PRW(root, split="test")
    assert old.split == new.split == "test" and len(old) == len(new)
    with pytest.warns(FutureWarning, match="partition is now split"):
        assert old.partition == "test"
    with pytest.warns(FutureWarning):
        reid = Market1501("nowhere", partition="test", lazy_init=True)
    assert reid.split == "test" and not reid.is_training
    assert {"partition", "split"} <= accepted_keys(PRW)
    assert "partition" in accepted_keys(Market1501)


def test_own_data_say_how_they_are_divided(tmp_path):
    root = str(write_own(tmp_path))
    by = dict(by="time", test_share=0.5)
    with pytest.warns(FutureWarning) as said:
        old = COCOPersonSearch(root, partition="test", split=by)
    assert len([w for w in said if w.category is FutureWarning]) == 1
    new = COCOPersonSearch(root, split="test", split_by=by)
    assert (old.split, old.split_by) == (new.split, new.split_by) == ("test", by)
    keys = [[d.get_data_info(i)["img_key"] for i in range(len(d))] for d in (old, new)]
    assert keys[0] == keys[1] != []


def test_data_sets_inside_others(tmp_path):
    root = str(write_own(tmp_path))
    by = dict(by="time", test_share=0.5)
    scenes = dict(type="mmpsearch.COCOPersonSearch", data_root=root, split=by)
    with pytest.warns(FutureWarning, match="scenes: write split_by"):
        crops = SceneCrops(dict(scenes, partition="train"))
    assert crops.scenes.split == "train" and crops.scenes.split_by == by
    market = dict(type="mmpsearch.Market1501", data_root="nowhere", lazy_init=True)
    with pytest.warns(FutureWarning, match="train: write split='test'"):
        probe = FeatureProbeSet(market, train=dict(partition="test"))
    assert probe.train.split == "test"


def test_a_user_s_class_that_was_written_for_the_former_name():
    with pytest.warns(FutureWarning, match="Mine.PARTITIONS is now SPLITS"):

        class Mine(Market1501):
            PARTITIONS = ("train", "test", "val")

            def __init__(self, data_root, partition="train", **kwargs):
                self.asked = partition
                super().__init__(data_root, partition=partition, **kwargs)

    with pytest.warns(FutureWarning, match="Mine: write split='test'"):
        mine = Mine("nowhere", split="test", lazy_init=True)
    assert mine.asked == mine.split == "test"
    assert Mine("nowhere", "val", lazy_init=True).split == "val"
    assert issubclass(Mine, ReIDDataset)
