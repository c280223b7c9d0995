import json

import cv2
import numpy as np
import pytest

from mmpsearch.datasets import COCOPersonSearch
from mmpsearch.datasets.person_search.own.people_table import PeopleRow
from mmpsearch.datasets.person_search.own.track_folder import (
    Likeness,
    read_tracked,
    views,
)
from mmpsearch.datasets.person_search.own.writer import collect_scenes, write_own_coco
from mmpsearch.errors import DataLayoutError


@pytest.fixture
def tracks(tmp_path):
    """Two cameras of four frames; track 1 is a red box, track 2 a blue one."""
    for camera in ("door", "hall"):
        root = tmp_path / "tracks" / camera
        (root / "gt").mkdir(parents=True)
        (root / "img1").mkdir()
        lines = []
        for frame in range(1, 5):
            image = np.full((60, 80, 3), 128, np.uint8)
            for track, colour in ((1, (0, 0, 255)), (2, (255, 0, 0))):
                left = 5 + 30 * (track - 1) + frame
                image[10:50, left : left + 20] = colour
                lines.append(f"{frame},{track},{left + 1},11,20,40,1,1,1\n")
            cv2.imwrite(str(root / f"img1/{frame:06d}.png"), image)
        (root / "gt/gt.txt").write_text("".join(lines))
        embeddings = np.eye(2, 3, dtype=np.float32)
        np.savez(root / "embeddings.npz", tracks=[1, 2], embeddings=embeddings)
    return tmp_path / "tracks"


PEOPLE = [
    PeopleRow("door", 1, 1, 4, "eva"),
    PeopleRow("door", 2, 1, 4, "discard"),
    PeopleRow("hall", 1, 1, 2, "eva"),
    PeopleRow("hall", 2, 1, 4, ""),
]


def test_views_show_the_track(tracks):
    door, _ = read_tracked(tracks)
    crops = views(door, PEOPLE[0], 3)
    assert [crop.shape for crop in crops] == [(40, 20, 3)] * 3
    assert all((crop == (0, 0, 255)).all() for crop in crops)


def test_the_most_similar_track_is_not_one_of_the_same_frame(tracks):
    cameras = read_tracked(tracks)
    found = Likeness.of(cameras).nearest()
    assert found["door/1"] == ("hall/1", 1.0) and found["hall/2"] == ("door/2", 1.0)
    assert Likeness.of(cameras[:1]).nearest() == {}
    (tracks / "door/embeddings.npz").write_bytes(b"no")
    with pytest.raises(DataLayoutError, match="embeddings.npz is damaged"):
        read_tracked(tracks)


def test_people_are_proposed_over_cameras_but_never_twice_in_a_frame():
    names = ["a/1", "a/2", "b/1", "b/2"]
    cosines = np.array(
        [
            [-np.inf, -np.inf, 0.9, 0.3],
            [-np.inf, -np.inf, 0.8, 0.2],
            [0.9, 0.8, -np.inf, 0.95],
            [0.3, 0.2, 0.95, -np.inf],
        ]
    )
    likeness = Likeness(names, cosines)
    # b's two tracks first; then a/1 is like one of them only: (0.9 + 0.3) / 2.
    assert list(likeness.people(0.7).values()) == ["a/1", "a/2", "b/1", "b/1"]
    # a/2 cannot follow, though it is like them: it is seen beside a/1.
    assert list(likeness.people(0.1).values()) == ["a/1", "a/2", "a/1", "a/1"]
    assert Likeness(names[:1], cosines[:1, :1]).people(0.5) == {"a/1": "a/1"}


def test_the_written_data_set_is_read_again(tracks, tmp_path):
    own, files = collect_scenes(read_tracked(tracks), PEOPLE)
    counts = write_own_coco(tmp_path / "mine", own, files)
    assert counts == {
        "training images": 4,
        "test images": 4,
        "boxes": 12,
        "boxes with a person": 6,
        "people": 1,
        "cameras": 2,
    }
    train = COCOPersonSearch(str(tmp_path / "mine"))
    infos = [train.get_data_info(i) for i in range(len(train))]
    names = ["door/000001", "door/000002", "hall/000001", "hall/000002"]
    assert [info["img_key"] for info in infos] == [f"{name}.png" for name in names]
    assert infos[0]["gt_bboxes"].tolist() == [[6, 10, 26, 50]]
    assert [i["gt_person_ids"].tolist() for i in infos] == [[0], [0], [0, -1], [0, -1]]
    assert [info["camera_id"] for info in infos] == [0, 0, 1, 1]


def test_a_split_by_person_marks_queries(tracks, tmp_path):
    people = [
        PeopleRow("door", 1, 1, 2, "eva"),
        PeopleRow("door", 2, 3, 4, "max"),
        PeopleRow("hall", 2, 3, 4, "max"),
        PeopleRow("hall", 1, 1, 2, "eva"),
    ]
    own, files = collect_scenes(read_tracked(tracks), people)
    write_own_coco(tmp_path / "mine", own, files, by="person")
    content = json.loads((tmp_path / "mine/annotations.json").read_text())
    marked = [a["person_id"] for a in content["annotations"] if a.get("is_query")]
    assert len(marked) == 2 and len(set(marked)) == 1
    test = COCOPersonSearch(str(tmp_path / "mine"), "test")
    assert test.metainfo["protocol"].num_queries == 2
    assert "queries seen in training" not in test.problem_counts


def test_every_second_picture(tracks):
    own, files = collect_scenes(read_tracked(tracks), PEOPLE, frame_step=2)
    assert [file.stem for file in files] == ["000001", "000003"] * 2


def test_nothing_to_read(tmp_path):
    with pytest.raises(DataLayoutError, match="no camera with gt/gt.txt"):
        read_tracked(tmp_path)
