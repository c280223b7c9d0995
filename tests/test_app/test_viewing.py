import pytest

from mmpsearch.errors import InputError
from mmpsearch.gallery.filters import Where

from .conftest import BLUE, BOXES, RED, save, save_video


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
        filled.viewing.open_file(filled.sessions.begin(), outside)


def test_a_video_is_looked_at_moment_by_moment(service, tmp_path):
    """Two seconds, ten frames each."""
    people = (RED, BOXES["right"]), (BLUE, BOXES["left"])
    video = save_video(tmp_path / "hall.webm", *people)
    session = service.viewing.upload(service.sessions.begin(), video)
    assert (session.viewed.frame, session.viewed.time) == (0, 0.0)
    assert service.viewing.length(session) == pytest.approx(2, abs=0.11)
    session = service.viewing.seek(session, 1.26)
    assert (session.viewed.frame, session.viewed.time) == (13, pytest.approx(1.3))
    image = service.viewing.image(session)
    assert (image.path, image.frame) == ("hall.webm", 13)
    assert image.pixels.shape == (120, 160, 3) and len(session.people) == 2


def test_a_picture_has_one_moment(service, query_file):
    session = service.sessions.begin()
    for ask in (service.viewing.image, lambda s: service.viewing.seek(s, 1.0)):
        with pytest.raises(InputError, match="choose a picture|open a video"):
            ask(session)
    assert service.viewing.length(session) == 0
    session = service.viewing.upload(session, query_file)
    assert service.viewing.length(session) == 0
    with pytest.raises(InputError, match="one moment only"):
        service.viewing.seek(session, 1.0)


def test_the_next_upload_of_a_session_is_shown_in_place_of_the_first(service, tmp_path):
    """Both lie under the same name."""
    session = service.sessions.begin()
    red = save(tmp_path / "one.png", (RED, BOXES["left"]))
    first = service.viewing.upload(session, red)
    blue = save(tmp_path / "two.png", (BLUE, BOXES["left"]))
    second = service.viewing.upload(first, blue)
    assert second.viewed.path == first.viewed.path
    shown = service.viewing.image(second).pixels[60, 25, ::-1]  # from BGR
    assert shown.tolist() == list(BLUE)


def test_an_upload_of_another_program_is_deleted(service, query_file, tmp_path):
    image = service.viewing.read_upload(query_file)
    assert (image.path, image.frame) == ("Straße 😀.png", -1)
    (tmp_path / "no.png").write_bytes(b"x")
    with pytest.raises(InputError, match=r"no\.png"):
        service.viewing.read_upload(tmp_path / "no.png")
    assert not [*tmp_path.glob("*.png")] and not len(service.sessions)
