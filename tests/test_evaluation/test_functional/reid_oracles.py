"""Slow, obvious versions of the re-identification metrics, and random inputs."""

import itertools
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parents[2] / "data" / "reid_evaluation"


def random_task(seed, num_query=25, num_gallery=120, identities=9, cameras=3, steps=0):
    """Distances and labels; some identities occur in one list only.

    With ``steps``, distances take that many values, so that many are tied.
    """
    rng = np.random.default_rng(seed)
    query_ids = rng.integers(0, identities, num_query)
    gallery_ids = rng.integers(2, identities + 3, num_gallery)
    distances = rng.random((num_query, num_gallery)).astype(np.float32)
    distances -= 0.3 * (query_ids[:, None] == gallery_ids)
    if steps:
        distances = np.round(distances * steps).astype(np.float32) / steps
    return (
        distances,
        query_ids,
        gallery_ids,
        rng.integers(0, cameras, num_query),
        rng.integers(0, cameras, num_gallery),
    )


def ranked_gallery(distances, query, gallery_ids, gallery_cameras, own_id, own_camera):
    """Gallery indices by (distance, index) without own identity in own camera."""
    order = sorted(range(len(gallery_ids)), key=lambda g: (distances[query][g], g))
    return [
        g
        for g in order
        if not (gallery_ids[g] == own_id and gallery_cameras[g] == own_camera)
    ]


def slow_rank_metrics(
    distances, query_ids, gallery_ids, query_cameras, gallery_cameras, max_rank=50
):
    """One query after the other, one rank after the other."""
    precisions, penalties, curves = [], [], []
    for query, (own_id, own_camera) in enumerate(
        zip(query_ids, query_cameras, strict=True)
    ):
        order = ranked_gallery(
            distances, query, gallery_ids, gallery_cameras, own_id, own_camera
        )
        hits = [gallery_ids[g] == own_id for g in order]
        if not any(hits):
            continue
        found, total = 0, 0.0
        for rank, hit in enumerate(hits, 1):
            if hit:
                found += 1
                total += found / rank
                last = rank
        precisions.append(total / found)
        penalties.append(found / last)
        first = hits.index(True)
        curves.append([float(first <= k) for k in range(max_rank)])
    return (
        np.mean(precisions),
        np.mean(curves, axis=0),
        np.mean(penalties),
        len(precisions),
    )


def slow_cuhk03_cmc(
    distances, query_ids, gallery_ids, query_cameras, gallery_cameras, max_rank
):
    """Mean over every way to choose one gallery image per identity."""
    curves = []
    for query, (own_id, own_camera) in enumerate(
        zip(query_ids, query_cameras, strict=True)
    ):
        order = ranked_gallery(
            distances, query, gallery_ids, gallery_cameras, own_id, own_camera
        )
        places = {}
        for place, g in enumerate(order):
            places.setdefault(gallery_ids[g], []).append(place)
        if own_id not in places:
            continue
        own = list(places).index(own_id)
        curve = np.zeros(max_rank)
        choices = list(itertools.product(*places.values()))
        for choice in choices:
            curve[sum(place < choice[own] for place in choice) :] += 1
        curves.append(curve / len(choices))
    return np.mean(curves, axis=0)


def slow_re_ranking(query_gallery, query_query, gallery_gallery, k1, k2, lambda_value):
    """Sets and dense float64 vectors, as the paper describes them."""
    joint = np.block([[query_query, query_gallery], [query_gallery.T, gallery_gallery]])
    joint = joint.astype(np.float64) ** 2
    joint = joint / joint.max(axis=1, keepdims=True)
    order = np.argsort(joint, axis=1, kind="stable")
    everyone = range(len(joint))

    def reciprocal(i, k):
        return {j for j in order[i, : k + 1] if i in order[j, : k + 1]}

    vectors = np.zeros_like(joint)
    for i in everyone:
        own = reciprocal(i, k1)
        members = set(own)
        for j in own:
            half = reciprocal(j, int(np.around(k1 / 2)))
            if 3 * len(half & own) > 2 * len(half):
                members |= half
        members = sorted(members)
        weights = np.exp(-joint[i, members])
        vectors[i, members] = weights / weights.sum()
    vectors = np.stack([vectors[order[i, :k2]].mean(axis=0) for i in everyone])
    num_query = len(query_gallery)
    jaccard = np.array(
        [
            [
                1 - np.minimum(q, g).sum() / np.maximum(q, g).sum()
                for g in vectors[num_query:]
            ]
            for q in vectors[:num_query]
        ]
    )
    original = joint[:num_query, num_query:]
    return (1 - lambda_value) * jaccard + lambda_value * original
