import json

import pytest

from mmpsearch.app.labels import TrackLabels, key_of, page_of
from mmpsearch.app.sheets import Sheets
from mmpsearch.errors import DataLayoutError, InputError
from tests.test_datasets.test_person_search.test_own.test_writer import (
    tracks,  # noqa: F401  (a fixture: two cameras of two tracks, four frames each)
)


@pytest.fixture
def labels(tracks):  # noqa: F811
    return TrackLabels(tracks)


def people(labels):
    return {key_of(row): row.person for row in labels.rows()}


def test_everybody_is_somebody_else_to_begin_with(labels):
    assert people(labels) == {
        f"{camera}/{track}@1": f"{camera}/{track}"
        for camera in ("door", "hall")
        for track in (1, 2)
    }
    assert not labels.table.exists()


def test_merge_name_discard_and_unknown_are_kept(labels):
    assert labels.merge(["hall/1@1", "door/1@1"]) == "door/1"
    labels.name(["door/1@1", "hall/1@1"], "Eva Müller")
    assert labels.discard(["door/2@1"]) == 1
    labels.name(["hall/2@1"], "")
    again = TrackLabels(labels.folder)
    assert people(again) == {
        "door/1@1": "Eva Müller",
        "door/2@1": "discard",
        "hall/1@1": "Eva Müller",
        "hall/2@1": "",
    }


def test_nobody_is_in_a_frame_twice(labels):
    with pytest.raises(InputError, match="both in frame 1"):
        labels.merge(["door/1@1", "door/2@1"])
    assert people(labels)["door/2@1"] == "door/2"
    labels.discard(["door/1@1", "door/2@1"])  # of what is no person there may be many


def test_a_track_is_split_where_the_person_changes(labels):
    labels.split("hall/1@1", 3)
    rows = {key_of(row): row for row in labels.rows()}
    first, second = rows["hall/1@1"], rows["hall/1@3"]
    assert (first.last, first.boxes, second.last, second.boxes) == (2, 2, 4, 2)
    assert first.person != second.person
    labels.merge(["hall/1@1", "door/1@1"])
    for frame in (3, 5, 0):
        with pytest.raises(InputError, match="split it at a frame"):
            labels.split("hall/1@3", frame)
    with pytest.raises(InputError, match="not in the table"):
        labels.split("hall/9@1", 2)


@pytest.mark.parametrize("name", ["=1+1", "a\nb", "x" * 81, "<b>", "-"])
def test_names_that_cannot_be(labels, name):
    with pytest.raises(InputError, match="no name"):
        labels.name(["door/1@1"], name)


def test_merging_needs_two(labels):
    with pytest.raises(InputError, match="two tracks"):
        labels.merge(["door/1@1"])


def test_an_export_is_a_data_set_of_these_people(labels):
    labels.merge(["hall/1@1", "door/1@1"])
    labels.discard(["door/2@1", "hall/2@1"])
    out, counts = labels.export("mine", frame_step=1)
    assert out == labels.folder.parent / "mine"
    content = json.loads((out / "annotations.json").read_text())
    assert {a["person_id"] for a in content["annotations"]} == {"door/1"}
    assert counts["boxes"] == 8 and counts["people"] == 1
    for wrong in ("mine", "../up", "", "a/b", ".hidden"):
        with pytest.raises(InputError):
            labels.export(wrong)


def test_pages_of_rows(labels):
    labels.name(["hall/2@1"], "anna")
    labels.discard(["door/1@1"])
    rows = labels.rows()
    page, pages = page_of(rows, "tracks", 2, 3)
    assert [key_of(row) for row in page] == ["hall/2@1"] and pages == 2
    page, _ = page_of(rows, "people", 1, 10)
    assert [row.person for row in page] == ["anna", "door/2", "hall/1", "discard"]
    assert page_of([], "tracks", 5, 3) == ([], 1)


def test_sheets_show_every_view_and_survive_lost_pictures(labels):
    sheets = Sheets(labels)
    html = sheets.html(labels.rows()[:1])
    assert html.count("<img") == 4 and 'data-key="door/1@1"' in html
    for picture in (labels.folder / "hall" / "img1").iterdir():
        picture.unlink()
    assert "cannot be read" in sheets.html(labels.rows()[2:])


def test_a_folder_without_tracks(tmp_path):
    with pytest.raises(DataLayoutError, match="no camera"):
        TrackLabels(tmp_path).rows()
