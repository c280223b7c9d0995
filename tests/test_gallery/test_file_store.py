"""The gallery file: readers, one writer, damage, kills between any two steps."""

import multiprocessing
import os
import shutil
import tracemalloc

import numpy as np
import pytest

from mmpsearch.errors import GalleryError
from mmpsearch.gallery import Gallery, GalleryIndex, Where, memory_store
from mmpsearch.gallery.log_file import LogFile
from mmpsearch.gallery.records import join

from .plain_list import some_people


def filled(path, pictures=6, seed=0):
    rng = np.random.default_rng(seed)
    with Gallery.open(path) as gallery:
        for number in range(pictures):
            gallery.add(some_people(rng, f"/x/{number}.jpg", 3))
            gallery.flush()
    return path


def embeddings(path):
    with Gallery.open(path, write=False) as gallery:
        everybody = join(gallery.records())
        return everybody.ids.tolist(), everybody.embeddings


def test_a_second_writer_is_refused_and_readers_are_not(tmp_path):
    path = filled(tmp_path / "g.gallery")
    with Gallery.open(path) as writer:
        with pytest.raises(GalleryError, match="being written by another process"):
            Gallery.open(path)
        with pytest.raises(GalleryError, match="being written by another process"):
            GalleryIndex().save(path)
        with Gallery.open(path, write=False) as reader:
            assert len(reader) == 18
            writer.add(some_people(np.random.default_rng(9), "/x/new.jpg", 2))
            assert len(reader) == 18
            writer.flush()
            reader.search(np.ones(8))
            assert len(reader) == 20  # a search sees what was written
            writer.remove(path="/x/0.jpg")
            writer.store.compact()
            reader.search(np.ones(8))
            assert len(reader) == 17 and "/x/0.jpg" not in reader.files
            with pytest.raises(GalleryError, match="reading only"):
                reader.add(some_people(np.random.default_rng(9), "/x/n.jpg", 2))
            with pytest.raises(GalleryError, match="reading only"):
                reader.remove(path="/x/1.jpg")
    Gallery.open(path).close()  # free again


def test_two_that_loaded_the_same_file(tmp_path):
    path = filled(tmp_path / "g.gallery")
    first, second = GalleryIndex.load(path), GalleryIndex.load(path)
    first.add(some_people(np.random.default_rng(1), "/x/first.jpg", 1))
    second.add(some_people(np.random.default_rng(2), "/x/second.jpg", 1))
    first.save(path)
    with pytest.raises(GalleryError, match="since it was read"):
        second.save(path)
    assert "/x/first.jpg" in GalleryIndex.load(path).files


def test_adding_does_not_rewrite(tmp_path):
    path = filled(tmp_path / "g.gallery", 50)
    before = path.read_bytes()
    with Gallery.open(path) as gallery:
        gallery.add(some_people(np.random.default_rng(1), "/x/new.jpg", 1))
    after = path.read_bytes()
    assert after[64 : len(before)] == before[64:] and len(after) - len(before) < 4096


def test_removed_embeddings_leave_no_trace(tmp_path):
    path = filled(tmp_path / "g.gallery")
    _, everybody = embeddings(path)
    victim = everybody[4]
    assert victim.tobytes() in path.read_bytes()
    with Gallery.open(path) as gallery:
        gallery.remove(ids=[4], reason="asked for it")
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        for piece in range(0, 32 - 8, 4):
            assert victim.tobytes()[piece : piece + 8] not in content
    ids, rest = embeddings(path)
    assert 4 not in ids and len(ids) == 17
    np.testing.assert_array_equal(rest, np.delete(everybody, 4, axis=0))


def test_large_parts_are_read_from_the_file(tmp_path, monkeypatch):
    """Nothing stays in memory: the same answers, from the file."""
    path = filled(tmp_path / "g.gallery", 40)
    with Gallery.open(path, write=False) as gallery:
        expected = [str(r) for r in gallery.search(np.eye(8), 5)]
        kept = join(gallery.records())
    monkeypatch.setattr("mmpsearch.gallery.vectors.RESIDENT_BYTES", 100)
    monkeypatch.setattr("mmpsearch.gallery.vectors.CHUNK_ROWS", 7)
    monkeypatch.setattr("mmpsearch.gallery.file_search.CHUNK_ROWS", 7)
    with Gallery.open(path) as gallery:
        assert gallery.store._vectors.resident is None
        assert [str(r) for r in gallery.search(np.eye(8), 5)] == expected
        np.testing.assert_array_equal(
            join(gallery.records()).embeddings, kept.embeddings
        )
        gallery.add(some_people(np.random.default_rng(3), "/x/more.jpg", 5))
        gallery.remove(ids=[3, 50])
        gallery.store.compact()
        now = join(gallery.records())
    np.testing.assert_array_equal(
        now.embeddings[:118], np.delete(kept.embeddings, [3, 50], axis=0)
    )


def test_a_first_search_does_not_read_everybody_into_memory(tmp_path, monkeypatch):
    pytest.importorskip("faiss", reason="FAISS is an extra")
    people = some_people(np.random.default_rng(0), "/x/a.jpg", 20_000, 32)
    path, size = tmp_path / "g.gallery", people.embeddings.nbytes
    with Gallery.open(path) as gallery:
        gallery.add(people)
    monkeypatch.setattr("mmpsearch.gallery.vectors.RESIDENT_BYTES", 100)
    monkeypatch.setattr("mmpsearch.gallery.vectors.CHUNK_ROWS", 500)
    monkeypatch.setattr("mmpsearch.gallery.file_search.TRAINING_ROWS", 500)
    with Gallery.open(path, write=False, backend="faiss") as gallery:
        tracemalloc.start()
        gallery.search(people.embeddings[7], 10)
        _, peak = tracemalloc.get_traced_memory()  # FAISS counts its copies itself
        tracemalloc.stop()
    assert peak < size / 2


@pytest.mark.parametrize("filtered", [False, True])
def test_eight_bit_copies_find_the_exact_best(filtered):
    pytest.importorskip("faiss")
    rng = np.random.default_rng(5)
    exact, coded = GalleryIndex(backend="exact"), GalleryIndex(backend="faiss")
    centres = rng.normal(size=(40, 32))
    for picture in range(400):  # crowds of nearly the same people
        vectors = centres[rng.integers(0, 40, 12)] + 0.02 * rng.normal(size=(12, 32))
        people = some_people(rng, f"/x/{picture}.jpg", 12, 32)
        people = people.__class__(**{**people.__dict__, "embeddings": vectors})
        exact.add(people)
        coded.add(people)
    where = Where(cameras=frozenset(["door"])) if filtered else Where()
    for query in np.vstack([centres[:10] + 0.01, rng.normal(size=(10, 32))]):
        for one_per in (None, "image"):
            answers = [
                index.search(query, 10, where=where, one_per=one_per)[0]
                for index in (exact, coded)
            ]
            ids = [[m.id for m in one.matches] for one in answers]
            assert ids[0] == ids[1]
            assert answers[0].searched == answers[1].searched


# kills ----------------------------------------------------------------------------


def _add(path):
    with Gallery.open(path) as gallery:
        gallery.add(some_people(np.random.default_rng(7), "/x/new.jpg", 2))


def _remove(path):
    with Gallery.open(path) as gallery:
        gallery.remove(ids=[1, 16])


def _compact(path):
    with Gallery.open(path) as gallery:
        gallery.store.compact()


def _first(path):
    os.remove(path)
    _add(path)


def _killed(operation, path, step):
    """In a process of its own: end it before the step-th change of a file."""
    left = [step]

    def counted(function):
        def call(*args, **kwargs):
            if left[0] == 0:
                os._exit(9)
            left[0] -= 1
            return function(*args, **kwargs)

        return call

    LogFile._write = counted(LogFile._write)
    LogFile.sync = counted(LogFile.sync)
    os.replace = counted(os.replace)
    os.ftruncate = counted(os.ftruncate)
    operation(path)
    os._exit(0)


@pytest.mark.parametrize("operation", [_add, _remove, _compact, _first])
def test_killed_between_any_two_steps(tmp_path, operation):
    start = filled(tmp_path / "start.gallery")
    _, everybody = embeddings(start)
    path = tmp_path / "g" / "g.gallery"
    context = multiprocessing.get_context("fork")
    before = list(range(18))
    after = {_add: [*before, 18, 19], _remove: [0, *range(2, 16), 17]}
    allowed = [before, after.get(operation, before)]
    if operation is _first:
        allowed = [None, [0, 1]]
    for step in range(200):
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir()
        shutil.copy(start, path)
        child = context.Process(target=_killed, args=(operation, path, step))
        child.start()
        child.join()
        if operation is _first and not path.exists():
            assert child.exitcode == 9
            continue
        ids, vectors = embeddings(path)
        assert ids in allowed, step
        Gallery.open(path).close()  # the next writer finishes what was begun
        ids, vectors = embeddings(path)
        assert ids in allowed
        if operation is _remove and ids == allowed[1]:
            for victim in everybody[[1, 16]]:
                assert victim.tobytes() not in path.read_bytes()
        if operation is not _first:
            known = min(len(vectors), 16)
            rows = np.array(ids[:known])
            np.testing.assert_array_equal(vectors[:known], everybody[rows])
        if child.exitcode == 0:
            break
    assert child.exitcode == 0 and step > 3


# damage ---------------------------------------------------------------------------


def test_every_cut_is_an_error_or_whole(tmp_path):
    content = filled(tmp_path / "a.gallery", 3).read_bytes()
    cut = tmp_path / "cut.gallery"
    for length in range(0, len(content), 37):
        cut.write_bytes(content[:length])
        with pytest.raises(GalleryError, match="cut.gallery"):
            Gallery.open(cut, write=False)


def test_changed_bytes_never_give_absurd_similarities(tmp_path):
    path = filled(tmp_path / "a.gallery", 3)
    content = bytearray(path.read_bytes())
    rng = np.random.default_rng(0)
    bad = tmp_path / "b.gallery"
    refused = 0
    for _ in range(300):
        changed = bytearray(content)
        for _ in range(rng.integers(1, 4)):
            changed[rng.integers(0, len(changed))] = rng.integers(0, 256)
        bad.write_bytes(changed)
        try:
            with Gallery.open(bad, write=False) as gallery:
                for result in gallery.search(np.eye(8), 5):
                    assert all(abs(m.similarity) < 1.001 for m in result.matches)
        except GalleryError:
            refused += 1
    assert refused > 100


def test_a_large_gallery_is_written_anew_when_most_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(memory_store, "COMPACT_FROM", 5)
    path = filled(tmp_path / "g.gallery", 20)
    size = path.stat().st_size
    with Gallery.open(path) as gallery:
        for number in range(15):
            gallery.remove(path=f"/x/{number}.jpg", suppress=False)
            gallery.flush()
        assert len(gallery) == 15
    assert path.stat().st_size < size / 2
    ids, _ = embeddings(path)
    assert ids == list(range(45, 60))
