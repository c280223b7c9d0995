"""One suite for every store: random operations against a plain list."""

import hashlib
import shutil
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from mmpsearch.gallery import Gallery, GalleryIndex
from mmpsearch.gallery.records import join

from .plain_list import DIMENSION, PlainList, assert_same, some_people

# Sequences of random operations a seed.
SEQUENCES = {"memory": 20, "file": 15, "milvus file": 1, "milvus server": 1}
STORES = ("memory", "file", "milvus file", "milvus server")


class Opened:
    """Opens the same gallery again and again."""

    def __init__(self, kind, folder, server):
        self.kind, self.folder, self.server = kind, folder, server
        folder.mkdir(exist_ok=True)
        self.gallery = self._open()

    def _open(self):
        if self.kind == "memory":
            return GalleryIndex()
        if self.kind == "milvus file":
            return Gallery.open(self.folder / "g.db")
        if self.kind == "milvus server":
            name = "g" + hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
            return Gallery.open(self.server, collection=name)
        return Gallery.open(self.folder / "g.gallery")

    def reopen(self):
        if self.kind != "memory":
            self.gallery.close()
            self.gallery = self._open()


@pytest.fixture(scope="module")
def milvus_server(tmp_path_factory):
    """Address of ``milvus-lite server`` on loopback, which answers as a cluster."""
    pytest.importorskip("pymilvus", reason="the extra milvus is not installed")
    pytest.importorskip("milvus_lite", reason="the extra milvus is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    command = [sys.executable, "-m", "milvus_lite", "server", "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--data-dir", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}", folder
    process.terminate()
    process.wait(20)


@pytest.fixture(params=STORES)
def opened(request, tmp_path):
    server = None
    if request.param == "milvus file":
        pytest.importorskip("pymilvus", reason="the extra milvus is not installed")
        pytest.importorskip("milvus_lite", reason="the extra milvus is not installed")
    if request.param == "milvus server":
        server, folder = request.getfixturevalue("milvus_server")
    one = Opened(request.param, tmp_path, server)
    one.server_folder = server and folder
    yield one
    one.gallery.close()


@pytest.mark.parametrize("seed", range(8))
def test_random_operations(opened, seed):
    rng = np.random.default_rng(seed)
    for number in range(SEQUENCES[opened.kind]):
        if number:
            opened.gallery.close()
            opened = Opened(opened.kind, opened.folder / str(number), opened.server)
        plain = random_operations(opened, rng, duplicates=bool(number % 2))
        assert_same(opened.gallery, plain, rng)
        opened.reopen()
        assert_same(opened.gallery, plain, rng)


def random_operations(opened, rng, duplicates):
    """Do the same to a gallery and to a plain list, which is returned."""
    plain = PlainList()
    paths = ["/x/1.jpg", "/x/'\"2.jpg", "/x/3.jpg", "/x/Straße\udcff.mp4"]
    for _ in range(25):
        gallery = opened.gallery
        action = rng.choice(["add", "add", "add", "remove", "file", "reopen", "flush"])
        if action == "add":
            path = str(rng.choice(paths))
            ids = gallery.add(some_people(rng, path, duplicates=duplicates))
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
    return plain


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
    rng = np.random.default_rng(4)
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


def folder_holds(folder, embedding):
    """Whether the bytes of two neighbouring values lie in any file."""
    pieces = [embedding[n : n + 2].tobytes() for n in range(len(embedding) - 1)]
    contents = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    return any(piece in content for piece in pieces for content in contents)


def test_removed_embeddings_leave_no_trace(opened):
    if opened.kind == "memory":
        pytest.skip("there is no file")
    folder = opened.folder
    if opened.kind == "milvus server":
        folder = opened.server_folder
    rng = np.random.default_rng(3)
    for number in range(5):
        opened.gallery.add(some_people(rng, f"/x/{number}.jpg", 4))
    opened.reopen()
    everybody = join(opened.gallery.records())
    opened.gallery.remove(ids=everybody.ids[[3, 12]])
    opened.reopen()
    for row, embedding in enumerate(everybody.embeddings):
        if row in (3, 12):
            assert not folder_holds(folder, embedding)
    kept = join(opened.gallery.records())
    assert kept.ids.tolist() == np.delete(everybody.ids, [3, 12]).tolist()
    np.testing.assert_array_equal(
        kept.embeddings, np.delete(everybody.embeddings, [3, 12], axis=0)
    )


def test_a_restored_backup_does_not_bring_people_back(opened):
    if opened.kind in ("memory", "milvus server"):
        pytest.skip("the backup is that of a file")
    rng = np.random.default_rng(3)
    for number in range(3):
        opened.gallery.add(some_people(rng, f"/x/{number}.jpg", 4))
    opened.gallery.close()
    (name,) = [p for p in opened.folder.iterdir() if p.name in ("g.db", "g.gallery")]
    copy = shutil.copytree if name.is_dir() else shutil.copy
    copy(name, opened.folder / "backup")
    opened.gallery = opened._open()
    opened.gallery.remove(path="/x/1.jpg")
    opened.gallery.remove(ids=opened.gallery.column("ids")[:1])
    opened.gallery.close()
    shutil.rmtree(name) if name.is_dir() else name.unlink()
    copy(opened.folder / "backup", name)
    opened.gallery = opened._open()
    assert len(opened.gallery) == 7
    assert "/x/1.jpg" not in opened.gallery.column("paths").tolist()
