import io
import os

import pytest
from PIL import Image

from mmpsearch.app.uploads import UploadLimits, forget_uploads, take_upload
from mmpsearch.errors import InputError

LIMITS = UploadLimits(megabytes=0.5, megapixels=0.02)


def upload(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)
    return file


def png(width, height):
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def test_it_moves_into_the_session_and_replaces_the_one_before(tmp_path):
    folder = tmp_path / "session"
    first = take_upload(upload(tmp_path, "ä 😀.PNG", png(100, 100)), folder, LIMITS)
    assert first == folder / "upload.png"
    second = take_upload(upload(tmp_path, "b.bmp", _bmp()), folder, LIMITS)
    assert [*folder.iterdir()] == [second]
    assert second.stat().st_mode & 0o077 == 0


def _bmp():
    buffer = io.BytesIO()
    Image.new("RGB", (10, 10)).save(buffer, "BMP")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.svg", b"<svg/>", "no picture and no video"),
        ("a.html", b"<script>", "no picture and no video"),
        ("a.jpg", b"%!PS", "not a picture in a format"),
        ("a.png", png(100, 100)[:-60], "a.png"),
        ("a.png", png(300, 100), "megapixels"),
        ("a.png", b"\0" * 600_000, "MB"),
        ("a.mp4", b"#EXTM3U\nfile:///etc/passwd\n", "a list of other files"),
        ("a.mp4", b"nothing", "not a video"),
        ("a.png", b"", "empty"),
    ],
)
def test_what_is_refused_is_deleted_too(tmp_path, name, content, words):
    file = upload(tmp_path, name, content)
    with pytest.raises(InputError, match=words) as caught:
        take_upload(file, tmp_path / "session", LIMITS)
    assert not file.exists()
    assert str(tmp_path) not in str(caught.value)
    assert not [*(tmp_path / "session").glob("*")]


def test_uploads_that_nobody_asks_about_are_deleted(tmp_path):
    for name, age in (("a/old.png", 100), ("b/new.png", 0)):
        file = tmp_path / name
        file.parent.mkdir()
        file.write_bytes(b"x")
        os.utime(file, (1000 - age, 1000 - age))
    forget_uploads(tmp_path, before=950)
    assert [file.name for file in tmp_path.rglob("*.png")] == ["new.png"]
    forget_uploads(tmp_path / "missing", before=950)
