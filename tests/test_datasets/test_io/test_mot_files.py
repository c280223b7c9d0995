import numpy as np
import pytest

from mmpsearch.datasets.io.mot_files import (
    read_mot,
    read_people,
    read_sequence,
    write_mot,
)
from mmpsearch.errors import DataLayoutError


def sequence(root, gt, labels=None, info=None, names=("000001.jpg", "000002.jpg")):
    (root / "gt").mkdir(parents=True)
    (root / "gt/gt.txt").write_text(gt)
    if labels is not None:
        (root / "gt/labels.txt").write_text(labels)
    if info is not None:
        (root / "seqinfo.ini").write_text(info)
    (root / "img1").mkdir()
    for name in names:
        (root / "img1" / name).touch()
    return root


def test_rows_are_sorted_by_frame_and_count_pixels_from_one(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_text("2,5,11,21,10,20,1,1,0.5\n\n1 7 1 1 4.5 9 0 2\n1,-1,3,3,2,2,0.75\n")
    rows = read_mot(path)
    assert rows.frames.tolist() == [1, 1, 2] and rows.tracks.tolist() == [7, -1, 5]
    assert rows.boxes.tolist() == [[0, 0, 4.5, 9], [2, 2, 4, 4], [10, 20, 20, 40]]
    assert rows.considered.tolist() == [False, True, True]
    assert rows.classes.tolist() == [2, -1, 1]
    assert rows.visibility.tolist() == [1, 1, 0.5]
    assert read_mot(path, first_pixel=0).boxes[2].tolist() == [11, 21, 21, 41]


def test_written_rows_are_read_again(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_text("1,3,1.5,2.25,10,20,0.5,1,0.25\n")
    rows = read_mot(path)
    write_mot(tmp_path / "again.txt", rows)
    again = read_mot(tmp_path / "again.txt")
    for name, value in vars(rows).items():
        assert np.array_equal(value, getattr(again, name)), name


@pytest.mark.parametrize(
    "line, message",
    [
        ("1,2,3", "expected frame, track, x"),
        ("1,2,x,4,5,6", "expected frame, track, x"),
        ("1,2,3,4,nan,6", "expected frame, track, x"),
        ("1,2,3,4,5,6,7,8,9,10,11", "expected frame, track, x"),
        ("0,2,3,4,5,6", "frames are whole numbers from 1 on, got 0"),
        ("1.5,2,3,4,5,6", "frames are whole numbers"),
        ("1,2.5,3,4,5,6", "a track is a whole number, got 2.5"),
    ],
)
def test_wrong_lines_are_named(tmp_path, line, message):
    path = tmp_path / "gt.txt"
    path.write_text(f"1,1,1,1,1,1\n{line}\n")
    with pytest.raises(DataLayoutError, match=f"gt.txt, line 2: {message}"):
        read_mot(path)


def test_people_of_a_challenge_sequence(tmp_path):
    gt = "1,1,5,5,9,9,1,1,1\n1,2,5,5,9,9,0,1,1\n2,3,5,5,9,9,1,8,1\n"
    found = read_people(read_sequence(sequence(tmp_path / "a", gt)))
    assert found.tracks.tolist() == [1] and found.boxes[0].tolist() == [4, 4, 13, 13]
    of_2015 = "1,1,5,5,9,9,1,-1,-1,-1\n"
    found = read_people(read_sequence(sequence(tmp_path / "b", of_2015)))
    assert found.tracks.tolist() == [1] and found.visibility.tolist() == [1]


def test_people_of_a_cvat_export(tmp_path):
    gt = "1,1,5,5,9,9,1,1,1\n1,2,5,5,9,9,1,2,1\n2,-1,5,5,9,9,1,2,0\n"
    root = sequence(tmp_path / "a", gt, labels="car\nPerson")
    found = read_people(read_sequence(root))
    assert found.tracks.tolist() == [2, -1]
    assert found.boxes[0].tolist() == [5, 5, 14, 14]  # pixels are counted from 0
    root = sequence(tmp_path / "b", gt, labels="car\ndog")
    with pytest.raises(DataLayoutError, match="none of the labels car, dog is one of"):
        read_sequence(root)


def test_pictures_are_found_by_frame_number(tmp_path):
    info = "[Sequence]\nname=a\nimDir=frames\nframeRate=25\n"
    root = sequence(tmp_path / "a", "", info=info)
    with pytest.raises(DataLayoutError, match="a/frames has no pictures"):
        read_sequence(root)
    (root / "img1").rename(root / "frames")
    (root / "frames/frame_000012.PNG").touch()
    (root / "frames/notes1.txt").touch()
    found = read_sequence(root)
    assert found.pictures == {1: "000001.jpg", 2: "000002.jpg", 12: "frame_000012.PNG"}
    (root / "frames/x2.jpg").touch()
    with pytest.raises(DataLayoutError, match="are both frame 2"):
        read_sequence(root)
    (root / "seqinfo.ini").write_text("name=a\n")
    with pytest.raises(DataLayoutError, match=r"no seqinfo.ini with a section \[Seq"):
        read_sequence(root)
