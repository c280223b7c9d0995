"""People of scenes as a re-identification set."""

import numpy as np
import pytest

from mmpsearch.datasets import PRW, SceneCrops
from mmpsearch.datasets.synthetic import make_options, make_synthetic
from mmpsearch.errors import DataLayoutError, DataOptionError

from ..layouts import write_coco

LOADING = [dict(type="mmpsearch.LoadImage"), dict(type="mmpsearch.CropPerson")]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prw")
    options = make_options(
        "prw",
        scenes=6,
        width=160,
        height=112,
        identities=4,
        test_identities=4,
        gallery_scenes=3,
        query_scenes=1,
    )
    make_synthetic(options, folder)
    return str(folder)


def crops(root, pipeline=LOADING):
    scenes = dict(type="mmpsearch.PRW", data_root=root)
    return SceneCrops(scenes=scenes, pipeline=pipeline)


def test_every_labelled_box_is_an_item_with_the_scenes_number(root):
    scenes = PRW(data_root=root)
    expected = [
        (info["img_path"], tuple(box), int(person), info["camera_id"])
        for info in (scenes.get_data_info(i) for i in range(len(scenes)))
        for box, person in zip(info["gt_bboxes"], info["gt_person_ids"], strict=True)
        if person >= 0
    ]
    found = crops(root)
    infos = [found.get_data_info(i) for i in range(len(found))]
    assert [
        (i["img_path"], tuple(i["person_box"]), i["person_id"], i["camera_id"])
        for i in infos
    ] == expected
    assert found.num_identities == scenes.num_identities == 4
    order = scenes.metainfo["identity_order"]
    assert found.metainfo["identity_order"] == order == sorted(order)
    assert found.person_ids.max() == 3


def test_exact_crops_are_the_pixels_of_the_box(root):
    found, scenes = crops(root), PRW(data_root=root, pipeline=LOADING[:1])
    item, scene = found[0], scenes[0]
    x1, y1, x2, y2 = np.round(item["person_box"]).astype(int)
    np.testing.assert_array_equal(item["img"], scene["img"][y1:y2, x1:x2])
    assert item["img_shape"] == item["img"].shape[:2]


def test_shifted_crops_move_and_keep_their_size_inside(root):
    shifting = [LOADING[0], dict(type="mmpsearch.CropPerson", shifted=True)]
    exact, shifted = crops(root), crops(root, shifting)
    np.random.seed(0)
    different = 0
    for index in range(len(exact)):
        a, b = exact[index]["img"], shifted[index]["img"]
        assert abs(a.shape[0] - b.shape[0]) <= 8 and abs(a.shape[1] - b.shape[1]) <= 8
        different += a.shape != b.shape or (a != b).any()
    assert different > len(exact) / 2


def test_only_training_sets(root):
    with pytest.raises(DataOptionError, match="TwoStepSearch"):
        SceneCrops(scenes=dict(type="mmpsearch.PRW", data_root=root, partition="test"))


def test_people_without_identity_cannot_train(tmp_path):
    scenes = dict(type="mmpsearch.COCOPersons", data_root=str(write_coco(tmp_path)))
    with pytest.raises(DataLayoutError, match="no person of .* has an identity"):
        SceneCrops(scenes=scenes).full_init()
