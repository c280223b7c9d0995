"""Context bipartite graph matching of SeqNet (Li and Miao, AAAI 2021, section 3.4).

People walk together: when companions of the query are found in a gallery image as
well, the query's match there becomes more certain. Inference only, no training.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

from mmpsearch.evaluation.functional.detections import Detections
from mmpsearch.evaluation.functional.matching import paired_iou
from mmpsearch.evaluation.functional.ragged import offsets_from_counts
from mmpsearch.evaluation.functional.similarity import Similarities

if TYPE_CHECKING:
    from mmpsearch.structures import SearchProtocol


@dataclass(frozen=True)
class QueryContext:
    """The people of every query's image, and how many of what to compare.

    Attributes:
        embeddings: (S, D) embeddings of the people in the query images, of each
            image the query first, the others by descending confidence.
        offsets: (Q + 1,) int64 ranges per query.
        num_detections: k1, the most similar detections per query; the images they
            come from are matched. The paper's code uses 10 for CUHK-SYSU, 30 for PRW.
        num_people: k2, people per query image; 3 for CUHK-SYSU, 4 for PRW.
    """

    embeddings: np.ndarray
    offsets: np.ndarray
    num_detections: int = 10
    num_people: int = 3

    def people(self, query: int) -> np.ndarray:
        """(at most k2, D) embeddings: the query and its companions."""
        start, stop = self.offsets[query : query + 2]
        if start == stop:
            raise ValueError(
                f"context of query {query} is empty: its first row must be the query"
            )
        return self.embeddings[start : min(stop, start + self.num_people)]


def context_of_queries(
    protocol: "SearchProtocol",
    query_embeddings: np.ndarray,
    people: Detections,
    num_detections: int = 10,
    num_people: int = 3,
) -> QueryContext:
    """Collect the people of the query images.

    Args:
        protocol: Search protocol.
        query_embeddings: (Q, D) embeddings of the query boxes.
        people: Detections, with embeddings. Those that overlap the query's box by
            half or more are the query itself and left out; the others are ordered by
            descending score, as in the authors' code.
        num_detections: k1 of :class:`QueryContext`.
        num_people: k2 of :class:`QueryContext`.
    """
    rows, counts = [], []
    for query, image in enumerate(protocol.query_images):
        inside = slice(*people.offsets[image : image + 2])
        boxes, scores = people.boxes[inside], people.scores[inside]
        own = np.broadcast_to(protocol.query_boxes[query], boxes.shape)
        others = np.flatnonzero(paired_iou(boxes, own) < 0.5)
        others = others[np.argsort(-scores[others], kind="stable")][: num_people - 1]
        rows += [query_embeddings[query : query + 1], people.embeddings[inside][others]]
        counts.append(1 + len(others))
    return QueryContext(
        embeddings=np.concatenate(rows),
        offsets=offsets_from_counts(counts),
        num_detections=num_detections,
        num_people=num_people,
    )


def match_in_context(weights: np.ndarray) -> tuple[int, float] | None:
    """Match the people of a query image with those of a gallery image.

    The matching of largest total weight that covers the smaller side is found. As
    in the authors' code the query's similarity becomes the largest single weight of
    that matching, not the total.

    Args:
        weights: (A, B) similarities; row 0 is the query.

    Returns:
        The column matched to the query and its new similarity; None when the query
        is left unmatched (more people than gallery detections).
    """
    rows, columns = linear_sum_assignment(weights, maximize=True)
    matched = np.flatnonzero(rows == 0)
    if len(matched) == 0:
        return None
    return int(columns[matched[0]]), float(weights[rows, columns].max())


def revise_similarities(
    context: QueryContext,
    query: int,
    similarities: Similarities,
    detections: Detections,
    members: np.ndarray,
    scores: np.ndarray,
) -> dict[int, float]:
    """Context matching of one query in the images of its nearest detections.

    Args:
        context: People of the query images.
        query: Index of the query.
        similarities: Similarities of queries and detections.
        detections: All detections.
        members: (M,) ascending indices of the detections in the query's gallery.
        scores: (M,) their similarities.

    Returns:
        Detection -> new similarity, at most one per image.
    """
    people = context.people(query)
    top = min(context.num_detections, len(scores))
    nearest = members[np.argpartition(-scores, top - 1)[:top]]
    revised = {}
    for image in np.unique(np.searchsorted(detections.offsets, nearest, "right") - 1):
        inside = np.arange(*detections.offsets[image : image + 2])
        match = match_in_context(similarities.with_people(people, inside))
        if match is not None:
            revised[int(inside[match[0]])] = match[1]
    return revised
