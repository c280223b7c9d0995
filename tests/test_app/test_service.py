import numpy as np
import pytest

from mmpsearch.app.answers import SearchOptions
from mmpsearch.app.media import MediaRoots
from mmpsearch.app.service import SearchService
from mmpsearch.errors import GalleryError, InputError
from mmpsearch.gallery import Gallery

from .conftest import BOXES


def names(answer):
    return [m.path.rpartition("/")[2] for m in answer.result.matches]


def test_search_by_click(filled, query_file):
    session = filled.viewing.upload(filled.sessions.begin(), query_file)
    assert session.viewed.name == "Straße 😀.png"
    assert sorted(session.people) == sorted(map(list, BOXES.values()))
    red = session.people.index(list(BOXES["right"]))
    answer = filled.answer(filled.choose(session, red), SearchOptions())
    assert names(answer)[:2] == ["a.png", "c.png"]  # red before dark red
    assert answer.result.matches[0].similarity == pytest.approx(1, abs=1e-3)
    assert answer.result.matches[0].camera == "door"


def test_a_drawn_box_and_a_click_find_the_same(filled, query_file):
    session = filled.viewing.upload(filled.sessions.begin(), query_file)
    clicked = filled.choose(session, session.people.index(list(BOXES["left"])))
    drawn = filled.draw(session, BOXES["left"])
    np.testing.assert_allclose(drawn.embedding, clicked.embedding, atol=1e-5)
    with pytest.raises(InputError, match="outside"):
        filled.draw(session, (500, 500, 600, 700))


def test_judgements_move_the_ranking(filled, query_file):
    session = filled.viewing.upload(filled.sessions.begin(), query_file)
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
    session = filled.viewing.upload(filled.sessions.begin(), query_file)
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
    session = service.viewing.upload(service.sessions.begin(), query_file)
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
        service.viewing.open_file(service.sessions.begin(), "/etc/passwd")


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
        session = service.viewing.upload(service.sessions.begin(), query_file)
        red = session.people.index(list(BOXES["right"]))
        answer = service.answer(service.choose(session, red), SearchOptions())
        assert names(answer)[:2] == ["a.png", "c.png"]
    finally:
        service.close()
