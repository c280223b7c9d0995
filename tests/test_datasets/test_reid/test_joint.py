import numpy as np
import pytest

from mmpsearch.datasets import (
    MSMT17,
    IdentitySampler,
    JointReIDDataset,
    LUPerson,
    Market1501,
    SeededIndex,
)
from mmpsearch.registry import DATASETS

PIPELINE = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.PadCrop", padding=3),
    dict(type="mmpsearch.PackReIDInputs"),
]


@pytest.fixture
def configs(rendered):
    return [
        dict(type="mmpsearch.Market1501", data_root=str(rendered("market1501"))),
        dict(type="mmpsearch.MSMT17", data_root=str(rendered("msmt17")), with_val=True),
    ]


def test_training_sets_share_no_person_and_no_camera(configs):
    config = dict(type="mmpsearch.JointReIDDataset", datasets=configs)
    joint = DATASETS.build(dict(config, pipeline=PIPELINE))
    joint.full_init()
    joint.full_init()  # the ids are shifted once
    first, second = Market1501(configs[0]["data_root"]), joint.datasets[1]
    assert len(joint) == 40 and joint.num_identities == 8
    assert joint.metainfo["num_cameras"] == 4 + second.metainfo["num_cameras"]
    assert np.array_equal(joint.person_ids[:20], first.person_ids)
    assert sorted(set(joint.person_ids[20:])) == [4, 5, 6, 7]
    assert joint.camera_ids[20:].min() >= 4
    for index in (0, 19, 20, 39):
        info = joint.get_data_info(index)
        sample = joint[index]["data_samples"]
        assert info["person_id"] == joint.person_ids[index] == sample.person_id
        assert info["camera_id"] == joint.camera_ids[index] == sample.camera_id
        assert info["img_id"] == index == sample.img_id
    same = [joint[SeededIndex(25, seed)]["inputs"] for seed in (4, 4, 5)]
    assert (same[0] == same[1]).all() and not (same[0] == same[2]).all()
    assert len(IdentitySampler(joint, 8, 2, seed=0)) > 0
    with pytest.raises(IndexError):
        joint[40]


def test_test_sets_keep_their_ids_and_differ_by_name(configs):
    joint = JointReIDDataset([dict(c, split="test") for c in configs])
    single = MSMT17(configs[1]["data_root"], "test")
    infos = [joint.get_data_info(i) for i in range(len(joint))]
    assert [i["target"] for i in infos].count("market1501") == 18
    assert joint.person_ids[18:].tolist() == single.person_ids.tolist()
    assert sum(i["is_query"] for i in infos) == 12
    twice = JointReIDDataset([dict(configs[0], split="test")] * 2)
    with pytest.raises(ValueError, match="names .* must differ"):
        twice.full_init()


def test_unlabelled_people_stay_unlabelled(configs, rendered):
    joint = JointReIDDataset([configs[0], LUPerson(rendered("luperson"))])
    assert joint.num_identities == 4
    assert (joint.person_ids[20:] == -1).all()


def test_splits_must_not_mix(configs):
    with pytest.raises(ValueError, match="for testing alone, got .'train', 'test'"):
        JointReIDDataset([configs[0], dict(configs[1], split="test")])
    with pytest.raises(ValueError, match="for testing alone"):
        JointReIDDataset([])
