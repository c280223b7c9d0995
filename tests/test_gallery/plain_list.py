"""A gallery as a plain list, which every store is held to."""

import numpy as np

from mmpsearch.gallery import Detections
from mmpsearch.gallery.records import join, no_records

CAMERAS = ("", "door", "yard 'n' \"gate\"\\")
DIMENSION = 8


def some_people(rng, path, count=None, dimension=DIMENSION, duplicates=False):
    """Random people of one picture or frame."""
    count = int(rng.integers(0, 5)) if count is None else count
    embeddings = rng.normal(size=(count, dimension))
    if duplicates:
        embeddings = np.round(embeddings)
        embeddings[~embeddings.any(axis=1)] = 1
    corners = rng.uniform(0, 100, (count, 2))
    video = rng.random() < 0.5
    return Detections(
        boxes=np.hstack([corners, corners + rng.uniform(1, 50, (count, 2))]),
        scores=rng.uniform(0, 1, count),
        embeddings=embeddings,
        height=200,
        width=200,
        path=path,
        time=float(rng.integers(0, 100)) if video else None,
        frame=int(rng.integers(0, 5)) if video else -1,
        camera=str(rng.choice(CAMERAS)),
        clock=1.8e9 + 86400.0 * int(rng.integers(0, 5)) if rng.random() < 0.5 else None,
        tracks=rng.integers(-1, 3, count) if video else None,
    )


class PlainList:
    """Records in a list; search compares everybody in a loop."""

    def __init__(self):
        self.records = no_records(DIMENSION)

    def add(self, records):
        self.records = join([self.records, records], DIMENSION)

    def remove(self, ids):
        self.records = self.records.take(~np.isin(self.records.ids, ids))

    def search(self, query, top_k, where, one_per=None):
        """Ids and similarities, the best first; of equal ones the lower id."""
        some = self.records.take(where.mask(self.records))
        query = np.asarray(query, np.float64) / np.linalg.norm(query)
        query = query.astype(np.float32).astype(np.float64)
        ranked = sorted(
            (-float(row.astype(np.float64) @ query), int(number), n)
            for n, (row, number) in enumerate(
                zip(some.embeddings, some.ids, strict=True)
            )
        )
        seen, kept = set(), []
        for negative, number, n in ranked:
            group = number
            if one_per is not None:
                group = (some.paths[n], int(some.frames[n]))
            if one_per == "track" and some.tracks[n] >= 0:
                group = (some.paths[n], "track", int(some.tracks[n]))
            if group not in seen:
                seen.add(group)
                kept.append((number, -negative))
        return kept[:top_k]


def assert_same(gallery, plain, rng, times=3):
    """The gallery holds what the list holds, and answers as it does."""
    from mmpsearch.gallery import Where

    assert len(gallery) == len(plain.records)
    held = join(gallery.records(), DIMENSION)
    for name, column in plain.records.columns():
        if name in ("embeddings", "boxes", "scores"):
            np.testing.assert_allclose(getattr(held, name), column, atol=1e-6)
        elif name != "scenes" and column.dtype == object:
            assert getattr(held, name).tolist() == column.tolist(), name
        elif name != "scenes":
            np.testing.assert_array_equal(getattr(held, name), column, name)
    for _ in range(times):
        query = rng.normal(size=DIMENSION)
        one_per = rng.choice([None, "image", "track"])
        choices = dict(
            cameras=frozenset(rng.choice(CAMERAS, 2)),
            times=(10.0, 60.0),
            clocks=(1.8e9, 1.8e9 + 2 * 86400.0),
            not_paths=frozenset(["/x/1.jpg", "/x/'\"2.jpg"]),
            not_frames=frozenset([("/x/'\"2.jpg", -1), ("/x/1.jpg", 2)]),
            paths=frozenset(["/x/3.jpg", "/x/'\"2.jpg"]),
            not_ids=plain.records.ids[::2],
            ids=plain.records.ids[::3],
        )
        names = rng.choice(list(choices), rng.integers(0, 3), replace=False)
        where = Where(**{name: choices[name] for name in names})
        top_k = int(rng.integers(1, 12))
        (found,) = gallery.search(query, top_k, where=where, one_per=one_per)
        expected = plain.search(query, top_k, where, one_per)
        assert [m.id for m in found.matches] == [number for number, _ in expected]
        np.testing.assert_allclose(
            [m.similarity for m in found.matches], [s for _, s in expected], atol=1e-6
        )
        assert found.searched == int(where.mask(plain.records).sum())
