"""People of scenes as a re-identification set."""

from pathlib import Path

import numpy as np
import pytest

from mmpsearch.datasets import PRW, SceneCrops
from mmpsearch.datasets.synthetic import make_options, make_synthetic
from mmpsearch.errors import DataLayoutError, DataOptionError
from mmpsearch.evaluation.metrics import ReIDMetric

from ..layouts import write_coco
from ..test_person_search.test_own.test_coco import content, write

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


def test_the_split_is_said_once(root):
    with pytest.raises(DataOptionError, match="TwoStepSearch"):
        SceneCrops(scenes=dict(type="mmpsearch.PRW", data_root=root, split="test"))


def own(root, **options):
    scenes = dict(type="mmpsearch.COCOPersonSearch", data_root=root)
    return SceneCrops(scenes, "test", pipeline=LOADING, **options)


def items(dataset):
    keys = ("img_path", "person_box", "person_id", "camera_id", "is_query")
    rows = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [
        (Path(info[keys[0]]).stem, info[keys[1]].tolist(), *(info[k] for k in keys[2:]))
        for info in rows
    ]


def with_a_stranger():
    """And a fifth person in f5 whom nobody knows."""
    value = content()
    value["annotations"].append(
        dict(id=8, image_id=5, category_id=1, bbox=[60, 5, 10, 20])
    )
    return value


def test_a_test_set_is_the_protocol_s_queries_and_every_box(tmp_path):
    """f3 (hall): carl, dora; f4 and f5 (door): carl, whose larger box asks."""
    test = own(write(tmp_path, with_a_stranger()))
    carl, dora = 2, 3
    assert items(test) == [
        ("f3", [5, 5, 15, 25], carl, 1, True),
        ("f4", [15, 5, 35, 25], carl, 0, True),
        ("f3", [5, 5, 15, 25], carl, 1, False),
        ("f3", [40, 5, 50, 25], dora, 1, False),
        ("f4", [15, 5, 35, 25], carl, 0, False),
        ("f5", [25, 5, 35, 25], carl, 0, False),
        ("f5", [60, 5, 70, 25], -1, 0, False),
    ]
    info = test.metainfo
    assert (info["num_queries"], info["num_gallery"]) == (2, 5)
    assert info["target"] == "scene_crops" and info["num_cameras"] == 2
    assert test[1]["img"].shape == (20, 20, 3)


@pytest.mark.parametrize(
    ("leave_out", "precisions"),
    [
        # to f3's carl come f5, dora, f4, the stranger
        # to f4's come dora, (f5), the stranger, f3
        ("camera", [(1 / 1 + 2 / 3) / 2, 1 / 3]),
        ("scene", [(1 / 1 + 2 / 3) / 2, (1 / 2 + 2 / 4) / 2]),
    ],
)
def test_its_metrics_are_those_by_hand(tmp_path, leave_out, precisions):
    test = own(write(tmp_path, with_a_stranger()), leave_out=leave_out)
    angles = np.radians([0, 100, 0, 70, 80, 35, 180])
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    metric = ReIDMetric(ranks=(1,))
    for place, embedding in enumerate(embeddings):
        metric.process({}, [dict(test.get_data_info(place), embedding=embedding)])
    found = metric.evaluate(len(test))
    assert found["num_valid_queries"] == 2
    assert found["mAP"] == pytest.approx(np.mean(precisions))


def test_one_camera_is_no_reason_to_give_up(tmp_path):
    value = content()
    for image in value["images"]:
        image["camera_id"] = "hall"
    root = write(tmp_path, value)
    with pytest.raises(DataLayoutError, match="give leave_out='scene'"):
        own(root)
    test = own(root, leave_out="scene")
    assert [row[3] for row in items(test)] == [1, 0, 0, 1, 2]
    assert not test.problem_counts
    with pytest.raises(DataOptionError, match="got 'person'"):
        own(root, leave_out="person")


def test_scenes_of_unknown_cameras_are_cameras(tmp_path):
    value = content()
    for image in value["images"]:
        if image["id"] == 4:
            del image["camera_id"]
    assert {row[0]: row[3] for row in items(own(write(tmp_path, value)))} == {
        "f3": 1,
        "f4": 3,  # the second of three scenes, beyond two cameras
        "f5": 0,
    }


def test_people_without_identity_cannot_train(tmp_path):
    scenes = dict(type="mmpsearch.COCOPersons", data_root=str(write_coco(tmp_path)))
    with pytest.raises(DataLayoutError, match="no person of .* has an identity"):
        SceneCrops(scenes=scenes).full_init()
