import os
import time

import numpy as np
import pytest

from mmpsearch.app.answers import SearchOptions
from mmpsearch.app.media import MediaRoots
from mmpsearch.app.service import SearchService, forget_uploads
from mmpsearch.errors import GalleryError, InputError
from mmpsearch.gallery import Gallery
from mmpsearch.gallery.filters import Where

from .conftest import BOXES, save


def names(answer):
    return [m.path.rpartition("/")[2] for m in answer.result.matches]


def test_search_by_click(filled, query_file):
    session = filled.upload(filled.sessions.begin(), query_file)
    assert session.viewed.name == "Straße 😀.png"
    assert sorted(session.people) == sorted(map(list, BOXES.values()))
    red = session.people.index(list(BOXES["right"]))
    answer = filled.answer(filled.choose(session, red), SearchOptions())
    assert names(answer)[:2] == ["a.png", "c.png"]  # red before dark red
    assert answer.result.matches[0].similarity == pytest.approx(1, abs=1e-3)
    assert answer.result.matches[0].camera == "door"


def test_a_drawn_box_and_a_click_find_the_same(filled, query_file):
    session = filled.upload(filled.sessions.begin(), query_file)
    clicked = filled.choose(session, session.people.index(list(BOXES["left"])))
    drawn = filled.draw(session, BOXES["left"])
    np.testing.assert_allclose(drawn.embedding, clicked.embedding, atol=1e-5)
    with pytest.raises(InputError, match="outside"):
        filled.draw(session, (500, 500, 600, 700))


def test_judgements_move_the_ranking(filled, query_file):
    session = filled.upload(filled.sessions.begin(), query_file)
    session = filled.choose(session, session.people.index(list(BOXES["right"])))
    options = SearchOptions(one_per="person")
    first = filled.answer(session, options)
    dark = next(m for m in first.result.matches if m.path.endswith("c.png"))
    session = filled.mark(session, dark.id, "same")
    second = filled.answer(session, options)
    closer = next(m for m in second.result.matches if m.id == dark.id)
    assert closer.similarity > dark.similarity
    assert second.correct()[[m.id for m in second.result.matches].index(dark.id)]
    session = filled.mark(session, dark.id, "different")
    third = filled.answer(session, options)
    further = next(m for m in third.result.matches if m.id == dark.id)
    assert further.similarity < dark.similarity


def test_filters_threshold_and_their_errors(filled, query_file):
    session = filled.upload(filled.sessions.begin(), query_file)
    session = filled.choose(session, 0)
    assert not filled.answer(session, SearchOptions(cameras=("yard",))).result.found
    assert filled.answer(session, SearchOptions(cameras=("door",))).result.found
    grey = filled.draw(session, (122, 0, 158, 20))  # like nobody
    nobody = filled.answer(grey, SearchOptions(threshold=0.99))
    assert not nobody.result.found and nobody.result.nearest is not None
    with pytest.raises(GalleryError, match="no time"):
        filled.answer(session, SearchOptions(since="yesterday"))
    for wrong in (
        dict(top_k=0),
        dict(top_k=10**6),
        dict(one_per="x"),
        dict(threshold=7),
    ):
        with pytest.raises(InputError):
            SearchOptions(**wrong)


def test_an_empty_gallery_and_nobody_chosen_say_what_to_do(service, query_file):
    session = service.upload(service.sessions.begin(), query_file)
    with pytest.raises(InputError, match="click on a person"):
        service.answer(session, SearchOptions())
    with pytest.raises(GalleryError, match="add a folder"):
        service.answer(service.choose(session, 0), SearchOptions())
    with pytest.raises(InputError, match="no person 9"):
        service.choose(session, 8)


def test_nothing_outside_the_media_is_added_or_opened(service, tmp_path, query_file):
    with pytest.raises(InputError, match="--media"):
        service.add(str(tmp_path))
    with pytest.raises(InputError, match="--media"):
        service.add("/etc")
    with pytest.raises(InputError, match="holds no file"):
        service.open_file(service.sessions.begin(), "/etc/passwd")


def test_a_file_of_the_gallery_outside_the_media_is_not_shown(
    filled, tmp_path, colour_inferencer
):
    outside = save(tmp_path / "outside.png", ((250, 0, 0), BOXES["left"]))
    filled.gallery.add(colour_inferencer.detect(outside))
    (match,) = [
        filled.match(int(i))
        for i in filled.gallery.store.find(Where(paths=frozenset([outside])))
    ]
    assert filled.pictures.begin([match]).all() == [""]
    with pytest.raises(InputError, match="--media"):
        filled.pictures.scene(match)
    with pytest.raises(InputError, match="--media"):
        filled.open_file(filled.sessions.begin(), outside)


def test_removed_people_do_not_come_back_until_they_are_allowed(filled, photos):
    (id_,) = filled.gallery.store.find(Where(paths=frozenset([str(photos / "b.png")])))
    assert filled.forget(Where(ids=np.array([id_])), "asked").people == 1
    (photos / "b.png").touch()  # read again
    job = filled.jobs.wait(filled.add(str(photos), camera="door").number, 30)
    assert job.state == "done" and len(filled.gallery) == 3
    filled.allow_again([filled.gallery.suppressed[0].key])
    job = filled.jobs.wait(filled.add(str(photos), camera="door").number, 30)
    assert "2 files unchanged" in job.text and len(filled.gallery) == 4
    # a camera, and everybody seen until now
    for where in (Where(cameras=frozenset(["door"])), Where(before=time.time() + 1)):
        filled.forget(where)
        assert not len(filled.gallery)
        filled.allow_again([entry.key for entry in filled.gallery.suppressed])
        filled.jobs.wait(filled.add(str(photos), camera="door").number, 30)
        assert len(filled.gallery) == 4


def test_failed_files_have_their_reasons(service, photos):
    (photos / "bad.jpg").write_bytes(b"no picture")
    (photos / "empty.png").write_bytes(b"")
    job = service.jobs.wait(service.add(str(photos)).number, 30)
    assert job.state == "done" and job.text == (
        "4 people in 3 pictures, 2 files unreadable"
    )
    assert [reason[0].rpartition("/")[2] for reason in job.failed] == [
        "bad.jpg",
        "empty.png",
    ]
    assert job.failed[1][1] == "the file is empty"


def test_retention_is_kept_and_applied(filled):
    assert filled.retention is None
    filled.set_retention(30)
    assert filled.retention == 30
    with pytest.raises(InputError):
        filled.set_retention(-1)
    assert filled.keep_days(0) == 4  # without a clock: since they were added
    assert len(filled.gallery) == 0


def test_a_read_only_page_changes_nothing(filled, photos):
    filled.writable = False
    for change in (
        lambda: filled.add(str(photos)),
        lambda: filled.forget(Where(ids=np.array([0]))),
        lambda: filled.keep_days(1),
        lambda: filled.set_retention(1),
        lambda: filled.allow_again([]),
    ):
        with pytest.raises(GalleryError, match="only read"):
            change()
    assert len(filled.gallery) == 4


def test_a_milvus_gallery_is_filled_and_searched(
    tmp_path, photos, colour_inferencer, query_file
):
    pytest.importorskip("milvus_lite", reason="needs the extra [milvus]")
    gallery = Gallery.open(tmp_path / "people.db")
    service = SearchService(
        colour_inferencer, gallery, MediaRoots([photos]), tmp_path / "state"
    )
    try:
        job = service.jobs.wait(service.add(str(photos)).number, 60)
        assert job.state == "done", job.text
        session = service.upload(service.sessions.begin(), query_file)
        red = session.people.index(list(BOXES["right"]))
        answer = service.answer(service.choose(session, red), SearchOptions())
        assert names(answer)[:2] == ["a.png", "c.png"]
    finally:
        service.close()


def test_uploads_that_nobody_asks_about_are_deleted(tmp_path):
    for name, age in (("a/old.png", 100), ("b/new.png", 0)):
        file = tmp_path / name
        file.parent.mkdir()
        file.write_bytes(b"x")
        os.utime(file, (1000 - age, 1000 - age))
    forget_uploads(tmp_path, before=950)
    assert [file.name for file in tmp_path.rglob("*.png")] == ["new.png"]
    forget_uploads(tmp_path / "missing", before=950)
