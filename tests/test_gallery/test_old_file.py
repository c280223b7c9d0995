"""Galleries in the format that was written before: one .npz file."""

import json

import numpy as np
import pytest

from mmpsearch.errors import GalleryError
from mmpsearch.gallery import Gallery, GalleryIndex

HEADER = {
    "format": "mmpsearch gallery",
    "version": 1,
    "fingerprint": {"config": "a.py", "checkpoint": "a.pth", "sha256": "aa"},
    "settings": {"score_threshold": 0.5},
    "next_id": 7,
    "files": {
        "/x/a.jpg": {"number": 0, "size": 10, "modified": 20},
        "/x/empty.jpg": {"number": 1, "size": 1, "modified": 2},
        "/x/b.mp4": {"number": 2, "size": -1, "modified": -1},
    },
}


def write(path, header=None, **columns):
    given = dict(
        ids=np.array([0, 1, 4]),
        files=np.array([0, 0, 2]),
        boxes=np.arange(12, dtype=np.float32).reshape(3, 4),
        scores=np.array([0.9, 0.8, 0.7], np.float32),
        cameras=np.array([7, -1, 3]),
        times=np.array([np.nan, np.nan, 1.5]),
        frames=np.array([-1, -1, 45]),
        embeddings=np.eye(3, dtype=np.float32),
    )
    text = json.dumps({**HEADER, **(header or {})}).encode()
    np.savez(path, header=np.frombuffer(text, np.uint8), **given | columns)


def test_it_opens_with_cameras_by_name(tmp_path):
    write(tmp_path / "g.npz")
    before = (tmp_path / "g.npz").read_bytes()
    index = GalleryIndex.load(tmp_path / "g.npz")
    assert index.column("cameras").tolist() == ["7", "", "3"]
    assert index.column("tracks").tolist() == [-1] * 3
    assert index.files == ["/x/a.jpg", "/x/empty.jpg", "/x/b.mp4"]
    assert index.settings == {"score_threshold": 0.5}
    assert index.fingerprint.checkpoint == "a.pth"
    (match, *_) = index.search(np.eye(3)[2])[0].matches
    assert (match.id, match.path, match.time, match.frame) == (4, "/x/b.mp4", 1.5, 45)
    assert (tmp_path / "g.npz").read_bytes() == before  # reading changes nothing


def test_a_reader_opens_it_too(tmp_path):
    write(tmp_path / "g.npz")
    with Gallery.open(tmp_path / "g.npz", write=False) as gallery:
        assert len(gallery) == 3
        with pytest.raises(GalleryError, match="reading only"):
            gallery.remove(ids=[1])


def test_the_next_write_migrates_it_with_a_line(tmp_path, caplog):
    write(tmp_path / "g.npz")
    with Gallery.open(tmp_path / "g.npz") as gallery:
        gallery.remove(ids=[1])
    assert "g.npz" in caplog.text and "new format" in caplog.text
    caplog.clear()
    with Gallery.open(tmp_path / "g.npz") as gallery:
        assert gallery.column("ids").tolist() == [0, 4]
        assert gallery.store.reserve_ids(1) == 7
        assert gallery.files == ["/x/a.jpg", "/x/empty.jpg", "/x/b.mp4"]
    assert not caplog.text


@pytest.mark.parametrize(
    ("header", "columns", "message"),
    [
        ({}, dict(boxes=np.zeros((2, 4), np.float32)), "boxes"),
        ({}, dict(embeddings=np.full((3, 3), 1e30, np.float32)), "length"),
        ({}, dict(ids=np.array([3, 2, 1])), "rise"),
        ({}, dict(files=np.array([0, 0, 9])), "9"),
        ({"version": 9}, {}, "version 9"),
        ({"version": "x"}, {}, "version"),
        ({"files": 3}, {}, "damaged"),
        ({"settings": {"a": []}}, {}, "damaged"),
        ({"fingerprint": {"odd": 1}}, {}, "damaged"),
        ({"format": "other"}, {}, "not a gallery"),
    ],
)
def test_damage_is_one_error(tmp_path, header, columns, message):
    write(tmp_path / "g.npz", header, **columns)
    with pytest.raises(GalleryError, match=message):
        GalleryIndex.load(tmp_path / "g.npz")


def test_another_file_is_named_without_advice_to_unpickle_it(tmp_path):
    (tmp_path / "scene.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    with pytest.raises(GalleryError) as refused:
        Gallery.open(tmp_path / "scene.jpg", write=False)
    assert str(refused.value) == (
        f"{tmp_path / 'scene.jpg'} is not a gallery, or is damaged"
    )
