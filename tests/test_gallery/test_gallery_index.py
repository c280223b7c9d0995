import json
import sys

import numpy as np
import pytest

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.audit import AuditLog
from mmpsearch.gallery.detections import Detections, ModelFingerprint
from mmpsearch.gallery.filters import where
from mmpsearch.gallery.gallery_index import GalleryIndex

MODEL = ModelFingerprint("a.py", "a.pth", "aa" * 32)
OTHER = ModelFingerprint("b.py", "b.pth", "bb" * 32)


def found(embeddings, path="/x/scene.jpg", fingerprint=MODEL, **others):
    embeddings = np.asarray(embeddings, np.float32)
    count = len(embeddings)
    boxes = np.arange(4 * count, dtype=np.float32).reshape(count, 4)
    scores = np.linspace(0.9, 0.5, count, dtype=np.float32)
    return Detections(
        boxes, scores, embeddings, 480, 640, path, fingerprint=fingerprint, **others
    )


@pytest.fixture
def index():
    """Three pictures in the plane: angles 0 and 90, then 60, then 180 degrees."""
    index = GalleryIndex()
    index.add(found([[2, 0], [0, 3]], "/x/a.jpg"), camera=4)
    index.add(found([[0.5, np.sqrt(0.75)]], "/x/b.mp4", time=1.5, frame=30))
    index.add(found([[-1, 0]], "/x/c.jpg"))
    return index


def ranking(result):
    return [(m.id, round(m.similarity, 5)) for m in result.matches]


def test_the_audit_log_takes_down_every_search(index, tmp_path):
    index.audit = AuditLog(tmp_path / "audit.jsonl")
    index.search(np.eye(2), top_k=2, where=where("4"))
    index.search(np.eye(2), 9, threshold=0.6, combine="mean", asked=["a.jpg"])
    with pytest.raises(ValueError):
        index.search(np.eye(2), top_k=0)
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    first, second = map(json.loads, lines)
    assert (first["action"], first["gallery"]) == ("search", "memory")
    assert (first["query"], first["cameras"]) == (2, ["4"])
    assert (first["searched"], first["found"]) == (2, 4)
    assert (second["query"], second["threshold"]) == (["a.jpg"], 0.6)
    assert (second["searched"], second["found"]) == (4, 3)  # of 45: 0, 90 and 60


def test_ranking_by_cosine_with_what_was_kept(index):
    (result,) = index.search([7.0, 0.0], top_k=3)
    assert ranking(result) == [(0, 1.0), (2, 0.5), (1, 0.0)]
    assert [m.rank for m in result.matches] == [1, 2, 3]
    first, second, _ = result.matches
    assert (first.path, first.camera, first.time, first.frame) == (
        "/x/a.jpg",
        "4",
        None,
        -1,
    )
    assert (second.path, second.camera, second.time, second.frame) == (
        "/x/b.mp4",
        "",
        1.5,
        30,
    )
    assert first.box.tolist() == [0, 1, 2, 3]
    assert first.score == pytest.approx(0.9)
    assert result.searched == 4 and result.found


def test_the_threshold_says_nobody(index):
    nobody, someone = index.search([[0, -1], [1, 0]], top_k=4, threshold=0.5)
    assert not nobody.found and nobody.matches == []
    assert nobody.nearest.similarity == pytest.approx(0.0, abs=1e-6)
    assert "no such person" in str(nobody)
    assert ranking(someone) == [(0, 1.0), (2, 0.5)]


def test_an_empty_gallery_answers_nobody():
    (result,) = GalleryIndex().search([[1, 0]], threshold=None)
    assert not result.found and result.nearest is None and result.searched == 0
    assert str(result).startswith("no such person: there is nobody in the gallery, or")


def test_only_allowed_people_are_compared(index):
    allowed = index.column("cameras") != "4"
    (result,) = index.search([1, 0], allowed=allowed)
    assert ranking(result) == [(2, 0.5), (3, -1.0)]
    assert result.searched == 2
    (result,) = index.search([1, 0], allowed=np.zeros(4, bool))
    assert not result.found
    with pytest.raises(ValueError, match="allowed"):
        index.search([1, 0], allowed=[True])


def test_one_match_per_picture(index):
    index.add(found([[0.9, 0.1]], "/x/b.mp4", time=2.0, frame=40))
    (result,) = index.search([0.6, 0.8], top_k=2, one_per_image=True)
    assert [m.id for m in result.matches] == [2, 1]
    (result,) = index.search([0.6, 0.8], top_k=9, one_per_image=True)
    assert [m.id for m in result.matches] == [2, 1, 4, 3]  # not 0: beside 1


def test_one_match_per_picture_looks_deep_enough():
    index = GalleryIndex()
    index.add(found([[1, i / 1000] for i in range(200)], "/x/crowd.jpg"))
    index.add(found([[0, 1]], "/x/far.jpg"))
    (result,) = index.search([1, 0], top_k=2, one_per_image=True)
    assert [m.id for m in result.matches] == [0, 200]


def test_remove_by_path_and_by_id(index):
    assert index.remove(path="/x/a.jpg") == 2 and len(index) == 2
    assert index.files == ["/x/b.mp4", "/x/c.jpg"]
    assert ranking(index.search([1, 0])[0]) == [(2, 0.5), (3, -1.0)]
    assert index.remove(ids=[2]) == 1
    assert index.files == ["/x/b.mp4", "/x/c.jpg"]  # still known, without people
    assert index.search([1, 0])[0].matches[0].path == "/x/c.jpg"
    assert index.add(found([[1, 1]], "/x/d.jpg")).tolist() == [4]  # ids stay unique
    with pytest.raises(KeyError, match="a.jpg"):
        index.remove(path="/x/a.jpg")
    with pytest.raises(KeyError, match="2"):
        index.remove(ids=[2])
    with pytest.raises(ValueError):
        index.remove()


def test_save_and_load_give_the_same_answers_and_grow(index, tmp_path):
    index.settings["score_threshold"] = 0.25
    index.add(found(np.zeros((0, 2)), "/x/Straße\udcff.jpg"))  # nobody in it
    index.remove(ids=[3])
    index.save(tmp_path / "g" / "gallery.npz")
    loaded = GalleryIndex.load(tmp_path / "g" / "gallery.npz")
    assert len(loaded) == 3 and loaded.dimension == 2
    assert loaded.fingerprint == MODEL and loaded.settings == {"score_threshold": 0.25}
    assert loaded.files == index.files
    query = np.random.default_rng(0).normal(size=(5, 2))
    for one, two in zip(index.search(query), loaded.search(query), strict=True):
        assert str(one) == str(two) and ranking(one) == ranking(two)
    assert loaded.add(found([[1, 0]], "/x/new.jpg")).tolist() == [4]
    assert loaded.search([1, 0], top_k=2)[0].matches[1].path == "/x/new.jpg"
    assert list(loaded.column("paths")) == ["/x/a.jpg"] * 2 + ["/x/b.mp4", "/x/new.jpg"]
    loaded.save(tmp_path / "g" / "gallery.npz")
    assert len(GalleryIndex.load(tmp_path / "g" / "gallery.npz")) == 4
    names = {p.name for p in (tmp_path / "g").iterdir() if p.name[0] != "."}
    assert names == {"gallery.npz", "gallery.npz.suppressed.json"}


def test_an_empty_gallery_is_saved_and_loaded(tmp_path):
    GalleryIndex().save(tmp_path / "a.npz")
    index = GalleryIndex.load(tmp_path / "a.npz")
    assert len(index) == 0 and index.dimension is None
    index.add(found([[1, 0, 0]]))
    assert index.dimension == 3


def test_changed_files_are_noticed(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"1")
    index = GalleryIndex()
    assert not index.is_current(path)
    index.add(found([[1, 0]], str(path)))
    index.save(tmp_path / "g.npz")
    index = GalleryIndex.load(tmp_path / "g.npz")
    assert index.is_current(path)
    path.write_bytes(b"22")
    assert not index.is_current(path)


@pytest.mark.parametrize("content", [b"", b"text", "half", "array", "other", "pickle"])
def test_files_that_are_no_gallery(index, tmp_path, content):
    path = tmp_path / "a.npz"
    index.save(path)
    if content == "half":
        path.write_bytes(path.read_bytes()[:900])
    elif content == "array":
        with open(path, "wb") as stream:
            np.save(stream, np.zeros(3))
    elif content == "other":
        np.savez(path, a=np.zeros(3))
    elif content == "pickle":
        np.savez(path, header=np.array([{}], dtype=object))
    else:
        path.write_bytes(content)
    with pytest.raises(GalleryError, match="a.npz"):
        GalleryIndex.load(path)
    with pytest.raises(GalleryError, match="a.npz"):
        GalleryIndex().save(path)  # nor is anything else written over
    with pytest.raises(GalleryError, match="no gallery file.*none.npz"):
        GalleryIndex.load(tmp_path / "none.npz")


def test_another_model_is_refused(index):
    with pytest.raises(GalleryError, match="b.pth") as caught:
        index.search([1, 0], fingerprint=OTHER)
    assert "a.pth" in str(caught.value)
    with pytest.raises(GalleryError, match="b.pth"):
        index.add(found([[1, 0]], fingerprint=OTHER))
    # the same weights under another name are the same model
    index.search([1, 0], fingerprint=ModelFingerprint("c.py", "c.pth", "aa" * 32))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ([1, 0, 0], "length 3"),
        ([0, 0], "zeros"),
        ([np.nan, 0], "finite"),
        (np.zeros((1, 1, 2)), "shape"),
    ],
)
def test_queries_that_do_not_fit(index, query, message):
    with pytest.raises(GalleryError, match=message):
        index.search(query)


def test_additions_that_do_not_fit(index):
    with pytest.raises(GalleryError, match="length 3"):
        index.add(found([[1, 0, 0]]))
    with pytest.raises(GalleryError, match="finite"):
        index.add(found([[np.inf, 0]]))
    with pytest.raises(ValueError, match="top_k"):
        index.search([1, 0], top_k=0)
    assert len(index) == 4


def big_index(**options):
    index = GalleryIndex(**options)
    vectors = np.random.default_rng(1).normal(size=(500, 16))
    vectors[100] = vectors[7]  # a tie
    for i in range(0, 500, 5):
        index.add(found(vectors[i : i + 5], f"/x/{i}.jpg"))
    return index


@pytest.mark.parametrize("one_per_image", [False, True])
def test_faiss_and_matrix_product_agree(one_per_image):
    pytest.importorskip("faiss")
    queries = np.random.default_rng(2).normal(size=(20, 16))
    exact, flat, auto = (
        big_index(backend="exact"),
        big_index(backend="faiss"),
        big_index(faiss_from=100),
    )
    for _ in range(2):  # a second time after a removal
        answers = [
            index.search(queries, top_k=12, one_per_image=one_per_image)
            for index in (exact, flat, auto)
        ]
        for results in zip(*answers, strict=True):
            ids = [[m.id for m in r.matches] for r in results]
            assert ids[0] == ids[1] == ids[2] and len(ids[0]) == 12
            values = [[m.similarity for m in r.matches] for r in results]
            np.testing.assert_allclose(values[1], values[0], atol=1e-6)
        for index in (exact, flat, auto):
            index.remove(path="/x/20.jpg", suppress=False)
            index.add(found(queries[:1], "/x/20.jpg"))


def test_without_faiss(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ImportError, match=r"mmpsearch\[index\]"):
        GalleryIndex(backend="faiss")
    index = big_index(faiss_from=100)
    with pytest.warns(UserWarning, match=r"mmpsearch\[index\]"):
        (result,) = index.search(np.ones(16))
    assert len(result.matches) == 10
    with pytest.raises(ValueError, match="backend"):
        GalleryIndex(backend="fais")
