import numpy as np
import pytest

from mmpsearch.datasets.io.mot_files import read_mot
from mmpsearch.datasets.person_search.own.people_table import (
    PeopleRow,
    names_of_boxes,
    read_people_table,
    rows_of_tracks,
    with_new_tracks,
    write_people_table,
)
from mmpsearch.errors import DataLayoutError


@pytest.fixture
def found(tmp_path):
    lines = [f"{f},{t},5,5,9,20,1,1,1" for f in range(1, 5) for t in (1, 2, -1)]
    (tmp_path / "gt.txt").write_text("\n".join(lines))
    return read_mot(tmp_path / "gt.txt")


def test_a_row_per_track_comes_back(tmp_path, found):
    rows = rows_of_tracks("hall", found)
    assert [(r.name, r.first, r.last, r.boxes) for r in rows] == [
        ("hall/1", 1, 4, 4),
        ("hall/2", 1, 4, 4),
    ]
    write_people_table(tmp_path / "people.csv", rows)
    assert read_people_table(tmp_path / "people.csv") == rows


def test_edited_rows_are_kept(found):
    edited = [PeopleRow("hall", 2, 1, 2, "eva")]
    rows = with_new_tracks(edited, rows_of_tracks("hall", found))
    assert [(r.track, r.person) for r in rows] == [(1, "hall/1"), (2, "eva")]


def test_merge_split_and_discard(found):
    rows = [
        PeopleRow("hall", 1, 1, 2, "eva"),
        PeopleRow("hall", 1, 3, 4, "Discard"),
        PeopleRow("hall", 2, 2, 4, "eva"),
        PeopleRow("door", 2, 1, 4, "max"),
    ]
    names, discarded = names_of_boxes(rows, "hall", found)
    where = list(zip(found.frames.tolist(), found.tracks.tolist(), strict=True))
    named = {place for place, name in zip(where, names, strict=True) if name == "eva"}
    assert named == {(1, 1), (2, 1), (2, 2), (3, 2), (4, 2)}
    assert set(names) == {"eva", ""}
    assert [where[i] for i in np.flatnonzero(discarded)] == [(3, 1), (4, 1)]


def test_what_a_spreadsheet_makes_of_it(tmp_path):
    path = tmp_path / "people.csv"
    path.write_bytes(
        b"\xef\xbb\xbfcamera;track;first;last;boxes;person;looks_like\r\n"
        b"hall;1;1;4;4;nan;\r\nhall;2;1;4;4; Eva ;\r\n"
    )
    assert [row.person for row in read_people_table(path)] == ["", "Eva"]


@pytest.mark.parametrize(
    "rows, message",
    [
        ("camera,track\nhall,1\n", "the header lacks first, last, person"),
        ("hall,x,1,2,a", "line 2: track, first and last must be whole numbers"),
        ("hall,1,3,2,a", "line 2: the first frame 3 comes after the last one 2"),
        ("hall,1,1,3,a\nhall,1,3,5,b", "lines 2 and 3 both have frames of hall/1 betw"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, rows, message):
    path = tmp_path / "people.csv"
    header = "" if "camera" in rows else "camera,track,first,last,person\n"
    path.write_text(header + rows)
    with pytest.raises(DataLayoutError, match=f"people.csv.*{message}"):
        read_people_table(path)
