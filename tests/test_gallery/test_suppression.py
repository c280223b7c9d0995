import numpy as np
import pytest

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.records import Records
from mmpsearch.gallery.suppression import (
    Entry,
    Suppression,
    people_entries,
    read_sidecar,
    write_sidecar,
)

NAN = float("nan")


def seen(boxes, path="/x/a.jpg", frame=-1, camera="", clock=NAN, added=1000.0):
    """Records of one picture."""
    count = len(boxes)
    times = dict.fromkeys(("times", "starts", "ends"), np.full(count, NAN))
    return Records(
        ids=np.arange(count),
        embeddings=np.ones((count, 1), np.float32),
        boxes=np.array(boxes, np.float32),
        scores=np.ones(count, np.float32),
        paths=np.array([path] * count, object),
        cameras=np.array([camera] * count, object),
        clocks=np.full(count, clock),
        frames=np.full(count, frame),
        tracks=np.full(count, -1),
        added=np.full(count, added),
        scenes=np.zeros((count, 0), np.float32),
        **times,
    )


def test_a_person_is_known_again_by_half_of_the_box():
    """The box is 10 by 10; those beside it share 1, 0.5, 100 / 210 and nothing."""
    removed = Suppression(people_entries(seen([[0, 0, 10, 10]])))
    again = [[0, 0, 10, 10], [0, 0, 10, 20], [0, 0, 10, 21], [20, 0, 30, 10]]
    assert removed.allowed(seen(again)).tolist() == [False, False, True, True]
    assert removed.allowed(seen(again, path="/x/b.jpg")).all()
    assert removed.allowed(seen(again, frame=0)).all()
    assert removed.allows_file("/x/a.jpg")


def test_a_box_without_area_is_known_by_being_the_same():
    removed = Suppression(people_entries(seen([[5, 5, 5, 5]])))
    again = seen([[5, 5, 5, 5], [5, 5, 5, 6], [0, 0, 10, 10]])
    assert removed.allowed(again).tolist() == [False, True, True]


def test_files_and_cameras():
    one = seen([[0, 0, 5, 9], [9, 0, 12, 9]], camera="door")
    file = Suppression([Entry("file", path="/x/a.jpg")])
    assert not file.allows_file("/x/a.jpg") and file.allows_file("/x/b.jpg")
    assert not file.allowed(one).any()
    camera = Suppression([Entry("camera", camera="door")])
    assert camera.allows_file("/x/a.jpg") and not camera.allowed(one).any()
    assert camera.allowed(seen([[0, 0, 5, 9]], camera="doors")).all()
    assert Suppression().allowed(one).all()


def test_the_latest_date_holds_and_the_earlier_one_when_it_is_lifted():
    """By the clock of the picture, or where there is none the day of adding."""
    early = Entry("before", moment=100.0)
    late = Entry("before", moment=200.0)
    removed = Suppression([late, early])
    box = [[0, 0, 5, 9]]

    def allowed():
        cases = [dict(clock=c) for c in (99.0, 150.0, 200.0)]
        cases += [dict(added=a) for a in (150.0, 250.0)]
        return [bool(removed.allowed(seen(box, **case))[0]) for case in cases]

    assert allowed() == [False, False, True, False, True]
    assert removed.lift([late.key, "unknown"]) == 1
    assert allowed() == [False, True, True, True, True]


def test_joined_copies_lose_neither_a_removal_nor_a_lifting():
    first, second = Entry("file", path="/x/1"), Entry("file", path="/x/2")
    ours, theirs = Suppression([first]), Suppression([first, second])
    ours.lift([first.key])
    assert ours.join(theirs)  # it learns of the second removal
    assert theirs.join(ours)  # and they that the first was lifted
    for copy in (ours, theirs):
        assert [entry.path for entry in copy.entries] == ["/x/2"]
    assert not ours.join(theirs)
    ours.extend([first])  # as from an older copy
    assert len(ours) == 1
    ours.extend([Entry("file", path="/x/1")])  # removed anew
    assert not ours.allows_file("/x/1")


def test_the_text_has_everything_in_the_order_of_removal(tmp_path):
    removed = Suppression(
        [
            Entry("before", moment=0.0, when=3.0),
            Entry("person", path="/x/ä", frame=7, box=(1, 2, 3, 4.5), when=1.0),
            Entry("camera", camera="door", when=2.0, reason="asked"),
        ]
    )
    lifted = Entry("file", path="/x/b")
    removed.extend([lifted])
    removed.lift([lifted.key])
    assert len(read_sidecar(tmp_path / "list.json")) == 0  # there is none yet
    write_sidecar(tmp_path / "list.json", removed)
    again = read_sidecar(tmp_path / "list.json")
    assert again.entries == removed.entries
    assert [entry.kind for entry in again.entries] == ["person", "camera", "before"]
    shown = [*map(str, again.entries)]
    assert shown[:2] == ["person 1 2 3 4 in /x/ä frame 7", "camera door"]
    assert shown[2].startswith("everybody before 19")
    again.extend([lifted])  # stays lifted
    assert again.allows_file("/x/b")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"suppressed": [], "lifted": 1}',
        b'{"suppressed": [{"kind": "street"}], "lifted": []}',
        b'{"suppressed": [{"kind": "file", "key": 1}], "lifted": []}',
        b'{"suppressed": [{"kind": "person", "box": [1, 2, 3]}], "lifted": []}',
        b'{"suppressed": [{"kind": "person", "box": [1, 2, 3, NaN]}], "lifted": []}',
        b'{"suppressed": [{"kind": "before", "moment": "x"}], "lifted": []}',
    ],
)
def test_what_is_no_such_list_is_refused(tmp_path, content):
    (tmp_path / "list.json").write_bytes(content)
    with pytest.raises(GalleryError, match=r"list\.json is not a list of suppressed"):
        read_sidecar(tmp_path / "list.json")
