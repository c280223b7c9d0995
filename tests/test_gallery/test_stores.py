"""One suite for every store: random operations against a plain list."""

import numpy as np
import pytest

from mmpsearch.gallery import Gallery, GalleryIndex
from mmpsearch.gallery.records import join

from .plain_list import DIMENSION, PlainList, assert_same, some_people

STORES = ("memory", "file")


class Opened:
    """Opens the same gallery again and again."""

    def __init__(self, kind, folder):
        self.kind, self.folder = kind, folder
        self.gallery = self._open()

    def _open(self):
        if self.kind == "memory":
            return GalleryIndex()
        return Gallery.open(self.folder / "g.gallery")

    def reopen(self):
        if self.kind != "memory":
            self.gallery.close()
            self.gallery = self._open()


@pytest.fixture(params=STORES)
def opened(request, tmp_path):
    one = Opened(request.param, tmp_path)
    yield one
    one.gallery.close()


@pytest.mark.parametrize("seed", range(40))
def test_random_operations(opened, seed):
    rng = np.random.default_rng(seed)
    plain = PlainList()
    paths = ["/x/1.jpg", "/x/'\"2.jpg", "/x/3.jpg", "/x/Straße\udcff.mp4"]
    for _ in range(25):
        gallery = opened.gallery
        action = rng.choice(["add", "add", "add", "remove", "file", "reopen", "flush"])
        if action == "add":
            path = str(rng.choice(paths))
            ids = gallery.add(some_people(rng, path, duplicates=bool(seed % 2)))
            plain.add(gallery.store.fetch(ids))
        elif action == "remove" and len(plain.records):
            ids = rng.choice(plain.records.ids, min(3, len(plain.records)), False)
            assert gallery.remove(ids=ids, suppress=False) == len(ids)
            plain.remove(ids)
        elif action == "file" and gallery.files:
            path = str(rng.choice(gallery.files))
            count = gallery.remove(path=path, suppress=False)
            gone = plain.records.ids[plain.records.paths == path]
            assert count == len(gone) and path not in gallery.files
            plain.remove(gone)
        elif action == "reopen":
            opened.reopen()
        elif action == "flush":
            gallery.flush()
    assert_same(opened.gallery, plain, rng)
    opened.reopen()
    assert_same(opened.gallery, plain, rng)


def test_what_added_is_what_is_kept(opened):
    rng = np.random.default_rng(0)
    people = some_people(rng, "/x/a.mp4", 3)
    ids = opened.gallery.add(people)
    opened.gallery.settings["score_threshold"] = 0.25
    opened.reopen()
    records = opened.gallery.store.fetch(ids)
    np.testing.assert_allclose(records.boxes, people.boxes, rtol=1e-6)
    np.testing.assert_allclose(records.scores, people.scores, rtol=1e-6)
    lengths = np.linalg.norm(people.embeddings, axis=1, keepdims=True)
    np.testing.assert_allclose(
        records.embeddings, people.embeddings / lengths, atol=1e-6
    )
    assert opened.gallery.settings == {"score_threshold": 0.25}
    assert opened.gallery.files == ["/x/a.mp4"]
    assert opened.gallery.cameras == [people.camera]


def test_removed_for_good(opened):
    """A person, a file, a camera, old ones: none comes back when indexed again."""
    rng = np.random.default_rng(3)
    pictures = [some_people(rng, f"/x/{n}.jpg", 3) for n in range(8)]

    def index_again():
        for people in pictures:
            opened.gallery.add(people)

    index_again()
    gallery = opened.gallery
    first = gallery.column("ids")[:2]
    gallery.remove(ids=first[:1])
    gallery.remove(path="/x/1.jpg")
    gallery.remove(camera="door")
    gallery.remove(before="2027-01-17")
    kept = join(gallery.records(), DIMENSION)
    opened.reopen()
    for number in range(8):
        if f"/x/{number}.jpg" in opened.gallery.files:
            opened.gallery.remove(path=f"/x/{number}.jpg", suppress=False)
    assert len(opened.gallery) == 0
    index_again()
    again = join(opened.gallery.records(), DIMENSION)
    np.testing.assert_allclose(again.embeddings, kept.embeddings, atol=1e-6)
    assert again.paths.tolist() == kept.paths.tolist()
    assert "/x/1.jpg" not in opened.gallery.files
    # what was lifted may come back
    keys = [e.key for e in opened.gallery.suppressed if e.kind == "file"]
    assert opened.gallery.allow_again(keys) == 1
    opened.gallery.add(pictures[1])
    assert "/x/1.jpg" in opened.gallery.files


@pytest.mark.parametrize("combine", ["mean", "max"])
def test_several_pictures_of_one_person(opened, combine):
    rng = np.random.default_rng(1)
    for number in range(30):
        opened.gallery.add(some_people(rng, f"/x/{number}.jpg", 4))
    queries = rng.normal(size=(3, DIMENSION))
    (found,) = opened.gallery.search(queries, 6, combine=combine)
    everybody = join(opened.gallery.records())
    units = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    if combine == "mean":
        mean = units.mean(axis=0)
        similarities = everybody.embeddings @ (mean / np.linalg.norm(mean))
    else:
        similarities = (everybody.embeddings @ units.T).max(axis=1)
    order = np.argsort(-similarities)[:6]
    assert [m.id for m in found.matches] == everybody.ids[order].tolist()
    np.testing.assert_allclose(
        [m.similarity for m in found.matches], similarities[order], atol=1e-6
    )
