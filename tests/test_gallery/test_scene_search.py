"""Scenes weight a search, and leave people out, as a slow reference says."""

from dataclasses import replace

import numpy as np
import pytest

from mmpsearch.errors import GalleryError
from mmpsearch.gallery import (
    Detections,
    Gallery,
    GalleryIndex,
    SceneFilter,
    Where,
)
from mmpsearch.gallery.migration import load_into, migrate
from mmpsearch.gallery.records import join
from mmpsearch.gallery.scene_search import passing_scenes

DIMENSION, SCENE = 6, 5


def unit(rng, *shape):
    rows = rng.normal(size=shape).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def picture(rng, name, count=3, scene=True, **more):
    corners = rng.uniform(0, 50, (count, 2))
    return Detections(
        boxes=np.hstack([corners, corners + 20]),
        scores=rng.uniform(0.5, 1, count),
        embeddings=unit(rng, count, DIMENSION),
        height=100,
        width=100,
        path=f"/x/{name}",
        scene_embedding=unit(rng, SCENE) if scene else None,
        **more,
    )


def asked(rng, count=1):
    """Questions u, v, z, c, d as positive lengths need them."""
    u, z = rng.normal(size=(2, count, SCENE)) * 0.2
    v = rng.uniform(0.1, 0.5, (count, SCENE))
    c, d = rng.normal(size=(count, 1)), rng.uniform(1, 2, (count, 1))
    return np.hstack([u, v, z, c, d]).astype(np.float32)


def score(question, scene):
    """One scene's score for one query, written out."""
    u, v, z = (question[i * SCENE : (i + 1) * SCENE].astype(float) for i in range(3))
    c, d = question[3 * SCENE :].astype(float)
    length = np.sqrt((v * scene**2).sum() + (z * scene).sum() + d)
    cosine = ((u * scene).sum() + c) / length
    return 1 / (1 + np.exp(-min(1, max(-1, cosine))))


def by_hand(records, query, questions, threshold, confidence=True, one_per=None):
    """Everybody's weighted similarity, ranked, one loop a person.

    ``questions`` of several pictures: their scores are averaged.
    """
    ranked, skipped = [], 0
    query = query.astype(float) / np.linalg.norm(query.astype(float))
    for n in range(len(records)):
        of_scene = np.mean([score(one, records.scenes[n]) for one in questions])
        if threshold is not None and of_scene < threshold:
            skipped += 1
            continue
        similarity = records.embeddings[n].astype(float) @ query * of_scene
        if confidence:
            similarity *= records.scores[n]
        ranked.append((-similarity, int(records.ids[n]), records.paths[n]))
    seen, kept = set(), []
    for negative, number, path in sorted(ranked):
        if one_per is None or path not in seen:
            kept.append((number, -negative))
        seen.add(path)
    return kept, skipped


@pytest.fixture(params=["memory", "file", "milvus"])
def opening(request, tmp_path):
    """Opens one and the same gallery again and again."""
    if request.param == "milvus":
        pytest.importorskip("pymilvus", reason="the extra milvus is not installed")
        pytest.importorskip("milvus_lite", reason="the extra milvus is not installed")
    if request.param == "memory":
        only = GalleryIndex()
        return lambda: only
    name = "g.db" if request.param == "milvus" else "g.gallery"
    return lambda: Gallery.open(tmp_path / name)


@pytest.fixture
def gallery(opening):
    rng = np.random.default_rng(0)
    opened = opening()
    for number in range(30):
        opened.add(
            picture(rng, f"{number}.jpg", 1 + number % 4, camera="ab"[number % 2])
        )
    if not isinstance(opened, GalleryIndex):
        opened.close()  # what is searched has been written and read
        opened = opening()
    yield opened
    opened.close()


def same(result, expected, skipped, top_k):
    assert [m.id for m in result.matches] == [i for i, _ in expected[:top_k]]
    np.testing.assert_allclose(
        [m.similarity for m in result.matches],
        [value for _, value in expected[:top_k]],
        atol=1e-6,
    )
    assert result.skipped == skipped


@pytest.mark.parametrize("threshold", [None, 0.5, 0.6])
@pytest.mark.parametrize("one_per", [None, "image"])
def test_ranked_as_by_hand(gallery, threshold, one_per):
    rng = np.random.default_rng(1)
    everybody = join(gallery.records())
    skipped = []
    for confidence in (True, False):
        query, questions = unit(rng, DIMENSION), asked(rng)
        scenes = SceneFilter(questions, threshold, confidence)
        (result,) = gallery.search(query, 9, one_per=one_per, scenes=scenes)
        expected = by_hand(everybody, query, questions, threshold, confidence, one_per)
        same(result, *expected, 9)
        assert result.searched + result.skipped == len(gallery)
        skipped.append(result.skipped)
    assert threshold is None or max(skipped) > 0


def test_several_queries_and_several_pictures(gallery):
    rng = np.random.default_rng(2)
    everybody = join(gallery.records())
    queries, questions = unit(rng, 2, DIMENSION), asked(rng, 2)
    scenes = SceneFilter(questions, 0.5)
    for number, result in enumerate(gallery.search(queries, 5, scenes=scenes)):
        own = questions[number : number + 1]
        same(result, *by_hand(everybody, queries[number], own, 0.5), 5)
    (mean,) = gallery.search(queries, 5, combine="mean", scenes=scenes)
    same(mean, *by_hand(everybody, queries.sum(axis=0), questions, 0.5), 5)
    (most,) = gallery.search(queries, 5, combine="max", scenes=scenes)
    best = {}
    for query, own in zip(queries, questions, strict=True):
        for number, value in by_hand(everybody, query, own[None], 0.5)[0]:
            best[number] = max(value, best.get(number, -1.0))
    expected = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))
    same(most, expected, len(everybody) - len(best), 5)


def test_conditions_and_threshold_hold(gallery):
    rng = np.random.default_rng(3)
    query, questions = unit(rng, DIMENSION), asked(rng)
    where = Where(cameras=frozenset("a"))
    some = join(gallery.records())
    some = some.take(where.mask(some))
    expected, _ = by_hand(some, query, questions, None)
    limit = expected[3][1]
    (result,) = gallery.search(
        query, 9, limit, where=where, scenes=SceneFilter(questions)
    )
    same(result, expected[:4], 0, 9)
    (result,) = gallery.search(query, 9, scenes=SceneFilter(questions, 0.74))
    assert not result.matches and result.nearest is None
    assert (result.searched, result.skipped) == (0, len(gallery))


def test_a_gallery_without_scenes_says_so(opening):
    rng = np.random.default_rng(4)
    gallery = opening()
    gallery.add(picture(rng, "a.jpg", 2, scene=False))
    query, scenes = unit(rng, DIMENSION), SceneFilter(asked(rng))
    with pytest.raises(GalleryError, match="knows no scene of 2 people.*configs/gfn"):
        gallery.search(query, scenes=scenes)
    gallery.add(picture(rng, "b.jpg", 3))
    with pytest.raises(GalleryError, match="knows no scene of 2 people"):
        gallery.search(query, scenes=scenes)
    where = Where(paths=frozenset(["/x/b.jpg"]))
    (result,) = gallery.search(query, scenes=scenes, where=where)
    assert len(result.matches) == 3
    assert len(gallery.search(query)[0].matches) == 5
    gallery.close()


def test_questions_of_another_model(gallery):
    rng = np.random.default_rng(5)
    with pytest.raises(GalleryError, match="scenes of another model"):
        gallery.search(unit(rng, DIMENSION), scenes=SceneFilter(asked(rng)[:, 3:]))
    with pytest.raises(ValueError, match="2 queries, but 1 of scenes"):
        gallery.search(unit(rng, 2, DIMENSION), scenes=SceneFilter(asked(rng)))


def test_removed_people_and_compaction(opening):
    rng = np.random.default_rng(6)
    gallery = opening()
    gallery.add(picture(rng, "a.jpg", 2, scene=False))
    gallery.add(picture(rng, "b.jpg", 3))
    gallery.flush()
    gallery.remove(path="/x/a.jpg", suppress=False)
    gallery.flush()
    gallery.store.compact()
    query, questions = unit(rng, DIMENSION), asked(rng)
    (result,) = gallery.search(query, scenes=SceneFilter(questions))
    same(result, *by_hand(join(gallery.records()), query, questions, None), 9)
    gallery.close()


def test_galleries_that_are_moved_or_joined_keep_scenes(opening, tmp_path):
    rng = np.random.default_rng(7)
    source = opening()
    for number in range(4):
        source.add(picture(rng, f"{number}.jpg", 2, scene=number != 1))
    source.flush()
    kept = join(source.records()).scenes
    assert kept.shape == (8, SCENE) and not kept[2:4].any()
    for name, copy in (("moved", migrate), ("joined", None)):
        with Gallery.open(tmp_path / name) as target:
            copy(source, target) if copy else load_into(target, source)
            np.testing.assert_array_equal(join(target.records()).scenes, kept)
    if not isinstance(source, GalleryIndex):
        pytest.importorskip("milvus_lite", reason="the extra milvus is not installed")
        with Gallery.open(tmp_path / "moved.db") as target:
            migrate(source, target)
            np.testing.assert_array_equal(join(target.records()).scenes, kept)
    source.close()


def test_scenes_that_pass_by_hand():
    """Of two pictures each asks for the cosine to one axis: scores 0.731 and 0.5."""
    zero, one = np.zeros(2), np.ones(2)
    asked = [np.concatenate([axis, one, zero, [0, 0]]) for axis in np.eye(2)]
    filtered = SceneFilter(np.array(asked, np.float32), threshold=0.7)
    scenes = np.array([[1, 0], [0.6, 0.8], [0, -1]], np.float32)
    # sigmoid of 1, 0.8 and 0: the first by one picture, the second's best is 0.69
    assert passing_scenes(filtered, scenes, mean=False).tolist() == [True, False, False]
    # the means are 0.615, 0.668 and 0.384
    mean = replace(filtered, threshold=0.62)
    assert passing_scenes(mean, scenes).tolist() == [False, True, False]
    assert passing_scenes(replace(filtered, threshold=None), scenes).all()
