"""Person search: mAP and top-k over scene images, from arrays."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mmpsearch.evaluation.functional.candidates import find_candidates
from mmpsearch.evaluation.functional.cbgm import QueryContext, revise_similarities
from mmpsearch.evaluation.functional.detections import Detections
from mmpsearch.evaluation.functional.gallery import (
    Cameras,
    ListedGallery,
    WholeGallery,
    default_gallery,
)
from mmpsearch.evaluation.functional.query_results import QueryResults, Unmatched
from mmpsearch.evaluation.functional.ragged import expand_ranges
from mmpsearch.evaluation.functional.ranking import count_at_least
from mmpsearch.evaluation.functional.similarity import Similarities

if TYPE_CHECKING:
    from mmpsearch.structures import SearchProtocol

# a full matrix product costs about as much per row as fetching 1/20 of the rows
GATHER_BELOW = 1 / 20


def person_search_metrics(
    protocol: "SearchProtocol",
    detections: Detections,
    query_embeddings: np.ndarray,
    *,
    score_threshold: float = 0.5,
    gallery: ListedGallery | WholeGallery | None = None,
    cameras: Cameras = "all",
    normalize: bool = True,
    confidence_weighted: bool = False,
    context: QueryContext | None = None,
    scene_scores: np.ndarray | None = None,
    topk: Sequence[int] = (1, 5, 10),
    unmatched: Unmatched = "zero",
    block_mib: int = 64,
) -> dict[str, Any]:
    """Evaluate person search by the protocols of CUHK-SYSU and PRW.

    All detections of a query's gallery images are ranked by similarity. In an image
    that shows the query's person, the most similar detection that overlaps its box
    enough (:func:`relaxed_iou_threshold`) is correct, every other one is wrong. AP is
    the average precision of that ranking times the share of gallery images with the
    person in which it was found. Equal similarities enter together; for top-k,
    wrong detections go before correct ones of equal similarity.

    Args:
        protocol: Images, ground truth, queries and galleries.
        detections: Detections of all images of the protocol, with embeddings. For
            the upper bound by ground-truth boxes ("GT mAP") pass
            :meth:`Detections.from_ground_truth`.
        query_embeddings: (Q, D) embeddings of the query boxes.
        score_threshold: Detections below it are ignored.
        gallery: Gallery policy; by default the protocol's own.
        cameras: For the whole gallery: ``"all"``, ``"cross"`` or ``"same"``.
        normalize: Rank by cosine similarity; else by the plain dot product.
        confidence_weighted: Multiply similarities by the detection score.
        context: People of the query images, for context bipartite graph matching.
        scene_scores: (Q, images) weights of scenes for queries, see
            :func:`~mmpsearch.evaluation.functional.scene_filter.scene_scores`.
        topk: Which top-k accuracies to compute.
        unmatched: Count queries without match as 0 or skip them.
        block_mib: Memory for one block of similarities.

    Returns:
        ``mAP`` and ``top<k>`` as floats in [0, 1]; ``num_queries``;
        ``num_unmatched`` queries whose person is in no gallery image; and
        ``per_query``, a :class:`QueryResults`.
    """
    _check(protocol, detections, query_embeddings)
    detections = detections.above(score_threshold)
    gallery = gallery or default_gallery(protocol, cameras)
    similarities = Similarities(
        query_embeddings, detections, normalize, confidence_weighted, scene_scores
    )
    results = QueryResults.empty(len(query_embeddings))
    sparse = gallery.mean_size < GATHER_BELOW * gallery.num_images
    width = max(1, len(detections.scores), 2 * gallery.num_images)
    step = max(1, block_mib * 2**18 // width)
    for start in range(0, len(query_embeddings), step):
        stop = min(start + step, len(query_embeddings))
        _search_block(
            results, detections, similarities, gallery, context, sparse, start, stop
        )
    return {
        **results.summary(topk, unmatched),
        "num_queries": len(results.ap),
        "num_unmatched": int(np.sum(results.expected == 0)),
        "per_query": results,
    }


def _search_block(
    results: QueryResults,
    detections: Detections,
    similarities: Similarities,
    gallery: ListedGallery | WholeGallery,
    context: QueryContext | None,
    sparse: bool,
    start: int,
    stop: int,
) -> None:
    """Rank the galleries of queries ``start:stop`` and record the results."""
    counts = gallery.counts(start, stop)
    candidates = find_candidates(
        gallery,
        counts,
        detections.boxes,
        lambda _, images: (detections.offsets[images], detections.counts[images]),
        start,
        stop,
    )
    block = None if sparse else similarities.block(start, stop)
    images = detections.images
    for row, query in enumerate(range(start, stop)):
        correct, first_of_pair = candidates.of(row)
        if len(correct) == 0:
            results.record(query, np.zeros(0, np.int64), int(candidates.expected[row]))
            continue
        if block is None:
            listed = np.flatnonzero(counts[row])
            members, _ = expand_ranges(
                detections.offsets[listed], detections.counts[listed]
            )
            scores = similarities.row(query, members)
        else:
            members = np.flatnonzero((counts[row] > 0)[images])
            scores = block[row, members]
        exact = partial(similarities.exact, query)
        tolerance = similarities.tolerance(query)
        if context is not None:
            revised = revise_similarities(
                context, query, similarities, detections, members, scores
            )
            scores[np.searchsorted(members, list(revised))] = list(revised.values())
            exact = partial(_revised, exact, revised)
            # a companion's similarity may be larger than any of the query's
            tolerance = max(tolerance, 1e-6 * np.abs(scores).max())
        # of the candidates in an image the most similar one is correct
        best = np.maximum.reduceat(exact(correct), first_of_pair)
        at_least = count_at_least(
            scores, best, tolerance, lambda near, m=members, e=exact: e(m[near])
        )
        results.record(query, at_least, int(candidates.expected[row]))


def _revised(
    exact: Callable[[np.ndarray], np.ndarray],
    revised: dict[int, float],
    detections: np.ndarray,
) -> np.ndarray:
    values = exact(detections).tolist()
    pairs = zip(detections.tolist(), values, strict=True)
    return np.array([revised.get(detection, value) for detection, value in pairs])


def _check(
    protocol: "SearchProtocol", detections: Detections, query_embeddings: np.ndarray
) -> None:
    if detections.num_images != len(protocol.image_keys):
        raise ValueError(
            f"protocol {protocol.name!r} has {len(protocol.image_keys)} images, but "
            f"there are detections of {detections.num_images}"
        )
    if len(query_embeddings) != len(protocol.query_images):
        raise ValueError(
            f"protocol {protocol.name!r} has {len(protocol.query_images)} queries, "
            f"but there are {len(query_embeddings)} query embeddings"
        )
