import pytest
from PIL import Image

from mmpsearch.datasets import MOTPersonSearch
from mmpsearch.errors import DataLayoutError, DataOptionError

GT = "".join(
    f"{frame},{track},{10 * track + frame},5,8,20,1,1,{1 if frame < 4 else 0.2}\n"
    for frame in range(1, 5)
    for track in (1, 2)
)


def write(root, gt=GT, frames=4, labels=None):
    (root / "gt").mkdir(parents=True)
    (root / "gt/gt.txt").write_text(gt)
    if labels:
        (root / "gt/labels.txt").write_text(labels)
    (root / "img1").mkdir()
    for frame in range(1, frames + 1):
        Image.new("RGB", (64, 48)).save(root / f"img1/{frame:06d}.jpg")
    return root


SPLITS = ("train", "test")
BY_TIME = dict(split_by=dict(by="time"))


def test_sequences_are_cameras_and_tracks_their_people(tmp_path):
    write(tmp_path / "hall")
    write(tmp_path / "door", labels="person")
    train = MOTPersonSearch(str(tmp_path), **BY_TIME)
    assert len(train) == 4 and train.num_identities == 4
    assert train.metainfo["people"] == ["door/1", "door/2", "hall/1", "hall/2"]
    assert train.metainfo["cameras"] == ["door", "hall"]
    info = train.get_data_info(2)
    assert info["img_key"] == "hall/img1/000001.jpg" and info["camera_id"] == 1
    assert info["gt_bboxes"].tolist() == [[10, 4, 18, 24], [20, 4, 28, 24]]
    # Where a labels.txt is, pixels are counted from 0.
    assert train.get_data_info(0)["gt_bboxes"][0].tolist() == [11, 5, 19, 25]
    test = MOTPersonSearch(str(tmp_path), "test", **BY_TIME)
    assert test.metainfo["protocol"].num_queries == 4
    assert test.problem_counts["queries seen in training"] == 4


def test_options(tmp_path):
    write(tmp_path / "c1_a")
    write(tmp_path / "c1_b")
    write(tmp_path / "c2")
    options = dict(camera_pattern=r"^c(\d)", same_people=True, **BY_TIME)
    train = MOTPersonSearch(str(tmp_path), **options)
    assert train.metainfo["people"] == ["1", "2"]
    assert train.metainfo["cameras"] == ["1", "2"]
    keys = [train.get_data_info(i)["img_key"][:4] for i in range(len(train))]
    assert keys == ["c1_a"] * 4 + ["c2/i"] * 2  # the first half of each camera
    step = MOTPersonSearch(str(tmp_path), frame_step=2, sequences=["c2"], **BY_TIME)
    assert [step.get_data_info(i)["img_key"] for i in range(len(step))] == [
        "c2/img1/000001.jpg"
    ]
    seen = MOTPersonSearch(str(tmp_path), "test", min_visibility=0.5, **options)
    assert seen.get_data_info(1)["gt_person_ids"].tolist() == [0, 1]
    assert seen.get_data_info(5)["gt_person_ids"].tolist() == [-1, -1]


def test_split_by_person_searches_for_people_of_the_test_alone(tmp_path):
    gt = "".join(
        f"{frame},{track},5,5,8,20,1,1,1\n"
        for frame, tracks in enumerate([(1,), (2, 1), (2, 1), (2,)], start=1)
        for track in tracks
    )
    root = str(write(tmp_path / "hall", gt))
    for seed in range(4):
        options = dict(split_by=dict(by="person", seed=seed))
        train, test = (MOTPersonSearch(root, part, **options) for part in SPLITS)
        shown = [set(d.get_data_info(0)["gt_person_ids"].tolist()) for d in (train,)]
        protocol = test.metainfo["protocol"]
        trained = set(train.metainfo["identity_order"])
        assert shown == [{0}] and protocol.num_queries == 1
        assert not trained & set(protocol.query_person_ids.tolist())
    everybody = MOTPersonSearch(root, "test", queries=dict(new_people=False), **options)
    assert everybody.metainfo["protocol"].num_queries == 2


def test_one_sequence_is_enough(tmp_path):
    train = MOTPersonSearch(str(write(tmp_path / "hall")), **BY_TIME)
    assert train.get_data_info(0)["img_key"] == "img1/000001.jpg"


def test_what_is_wrong_is_named(tmp_path):
    with pytest.raises(DataLayoutError, match="no sequence with gt/gt.txt"):
        MOTPersonSearch(str(tmp_path), **BY_TIME).full_init()
    write(tmp_path / "hall", frames=3)
    with pytest.raises(DataLayoutError, match="2 of 8 people are in frames without"):
        MOTPersonSearch(str(tmp_path), **BY_TIME).full_init()
    with pytest.raises(FileNotFoundError, match="attic"):
        MOTPersonSearch(str(tmp_path), sequences=["attic"], **BY_TIME).full_init()
    with pytest.raises(DataOptionError, match="frame_step must be at least 1"):
        MOTPersonSearch(str(tmp_path), frame_step=0, **BY_TIME)
    with pytest.raises(DataOptionError, match="split.by must be one of"):
        write(tmp_path / "b" / "x")
        MOTPersonSearch(str(tmp_path / "b"), split_by=dict(by="name")).full_init()
