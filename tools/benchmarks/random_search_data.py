"""Random person-search results at the size of the published test sets."""

import numpy as np

from mmpsearch.evaluation.functional import Detections
from mmpsearch.structures import SearchProtocol

# images, queries, people, cameras; of PRW and of CUHK-SYSU's test part
SIZES = {"prw": (6112, 2057, 450, 6), "cuhk_sysu": (6978, 2900, 2900, 1)}
PEOPLE_PER_IMAGE = 4
DETECTIONS_PER_IMAGE = 5


def random_search_data(
    layout: str,
    dim: int,
    gallery: int | None = None,
    scale: float = 1.0,
    seed: int = 0,
) -> tuple[SearchProtocol, Detections, np.ndarray]:
    """A protocol, detections and query embeddings.

    Every image holds four people, 20 % of them unlabelled. Three of four are
    detected, boxes shifted by a few pixels; the other detections are wrong.
    Embeddings are noise around a random centre of the identity, close enough that
    a person is usually, not always, ranked first.

    Args:
        layout: ``"prw"`` or ``"cuhk_sysu"``.
        dim: Length of embeddings.
        gallery: Gallery images per query for ``"cuhk_sysu"``.
        scale: Share of the published numbers of images, queries and people.
        seed: Seed of everything.

    Returns:
        Protocol, detections with embeddings, (Q, dim) float32 query embeddings.
    """
    rng = np.random.default_rng(seed)
    num_images, num_queries, num_people, num_cameras = (
        max(1, round(n * scale)) if i < 3 else n for i, n in enumerate(SIZES[layout])
    )
    num_boxes = num_images * PEOPLE_PER_IMAGE
    ids = rng.integers(num_people, size=num_boxes)
    ids[rng.random(num_boxes) < 0.2] = -1
    boxes = _random_boxes(rng, num_boxes)
    offsets = np.arange(num_images + 1) * PEOPLE_PER_IMAGE
    query_rows = np.sort(rng.choice(np.flatnonzero(ids >= 0), num_queries, False))
    query_images = query_rows // PEOPLE_PER_IMAGE
    positives = _positives(ids, query_rows, query_images)
    lists: dict = dict(gallery_offsets=None, gallery_images=None)
    if layout == "cuhk_sysu":
        size = min(gallery or 100, num_images - 1)
        images = _gallery_lists(rng, positives, query_images, num_images, size)
        lists = dict(
            gallery_offsets=np.arange(num_queries + 1) * size,
            gallery_images=images.ravel(),
        )
    protocol = SearchProtocol(
        name=f"random {layout}",
        image_keys=[f"{i:06d}.jpg" for i in range(num_images)],
        image_cameras=rng.integers(num_cameras, size=num_images),
        gt_boxes=boxes,
        gt_person_ids=ids,
        gt_offsets=offsets,
        query_images=query_images,
        query_boxes=boxes[query_rows],
        query_person_ids=ids[query_rows],
        positive_offsets=np.cumsum([0] + [len(rows) for rows in positives]),
        positive_images=np.concatenate(positives) // PEOPLE_PER_IMAGE,
        positive_boxes=boxes[np.concatenate(positives)],
        **lists,
    )
    centres = rng.standard_normal((num_people, dim), dtype=np.float32)
    detections = _detections(rng, boxes, ids, centres, num_images)
    queries = _embeddings(rng, centres, ids[query_rows])
    return protocol, detections, queries


def _random_boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    corner = rng.uniform(0, 1000, (count, 2))
    size = rng.uniform((20, 50), (120, 300), (count, 2))
    return np.round(np.concatenate([corner, corner + size], axis=1))


def _positives(
    ids: np.ndarray, query_rows: np.ndarray, query_images: np.ndarray
) -> list[np.ndarray]:
    """Per query the box rows of its person, one per other image."""
    found = []
    for row, own in zip(query_rows, query_images, strict=True):
        rows = np.flatnonzero(ids == ids[row])
        rows = rows[np.unique(rows // PEOPLE_PER_IMAGE, return_index=True)[1]]
        found.append(rows[rows // PEOPLE_PER_IMAGE != own])
    return found


def _gallery_lists(rng, positives, query_images, num_images, size) -> np.ndarray:
    lists = np.empty((len(positives), size), dtype=np.int32)
    for query, rows in enumerate(positives):
        shown = (rows // PEOPLE_PER_IMAGE)[:size]
        others = np.setdiff1d(
            np.arange(num_images), np.append(shown, query_images[query])
        )
        rest = rng.choice(others, size - len(shown), replace=False)
        lists[query] = rng.permutation(np.concatenate([shown, rest]))
    return lists


def _detections(rng, boxes, ids, centres, num_images) -> Detections:
    extra = DETECTIONS_PER_IMAGE - PEOPLE_PER_IMAGE
    right = boxes + rng.normal(0, 4, boxes.shape)
    wrong = _random_boxes(rng, len(boxes))
    detected = rng.random(len(boxes)) < 0.75
    shown = np.where(detected[:, None], right, wrong)
    false = _random_boxes(rng, num_images * extra)
    shape = (num_images, -1)
    both = np.concatenate(
        [shown.reshape(*shape, 4), false.reshape(*shape, 4)], axis=1
    ).reshape(-1, 4)
    people = np.where(detected, ids, -1).reshape(shape)
    people = np.concatenate([people, np.full((num_images, extra), -1)], axis=1)
    return Detections(
        boxes=both.astype(np.float32),
        scores=rng.uniform(0.5, 1, len(both)).astype(np.float32),
        offsets=np.arange(num_images + 1) * DETECTIONS_PER_IMAGE,
        embeddings=_embeddings(rng, centres, people.ravel()),
    )


def _embeddings(rng, centres: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Noise plus the identity's centre: cosines of about 4 / sqrt(dim)."""
    rows = rng.standard_normal((len(ids), centres.shape[1]), dtype=np.float32)
    share = min(0.9, 4 / np.sqrt(centres.shape[1]))
    weight = np.float32(np.sqrt(share / (1 - share)))
    known = np.flatnonzero(ids >= 0)
    for start in range(0, len(known), 4096):  # keeps the peak low
        part = known[start : start + 4096]
        rows[part] += weight * centres[ids[part]]
    return rows
