"""Time and memory of the re-identification evaluation against the usual loop.

    python tools/benchmarks/rank_eval.py --size market1501
    python tools/benchmarks/rank_eval.py --size msmt17

Both start from the same random embeddings, with the data set's numbers of queries,
gallery images, identities and cameras. *Ours* is ``rank_metrics`` on all queries. The
*baseline* is what public toolboxes do without a compiled extension: the distance
matrix, an argsort of it, and a Python loop over queries that divides a list as long
as the gallery. It runs on ``--loop-queries`` queries spread over the query list and
is scaled linearly to all of them; its memory, which grows with the queries, is stated
as measured on this subset and, in ``loop_matrices_mib``, as the distances and indices
take for all queries. ``equal`` compares the two on the subset's distances.

The last line printed is the result as JSON.
"""

import argparse
from typing import NamedTuple

import numpy as np
import torch
from common import measure, report

from mmpsearch.evaluation.functional import rank_metrics
from mmpsearch.evaluation.functional.distance_rows import EmbeddingRows
from mmpsearch.utils.command_line import one_line_errors

MAX_RANK = 50


class Size(NamedTuple):
    """Numbers of a data set's test split."""

    queries: int
    gallery: int
    identities: int
    cameras: int
    distractors: float  # share of the gallery
    loop_queries: int


SIZES = {
    "market1501": Size(3368, 15913, 750, 6, 2798 / 15913, 400),
    "msmt17": Size(11659, 82161, 3060, 15, 0.0, 60),
}


def make_task(size: Size, dim: int, noise: float) -> tuple[np.ndarray, ...]:
    """Query and gallery embeddings, ids and cameras, float32 and int64."""
    rng = np.random.default_rng(0)
    query_ids = rng.integers(0, size.identities, size.queries)
    gallery_ids = rng.integers(0, size.identities, size.gallery)
    gallery_ids[rng.random(size.gallery) < size.distractors] = -1
    # The last centre, which distractors share in name only, is nobody's: zero.
    centres = rng.standard_normal((size.identities + 1, dim), dtype=np.float32)
    centres[-1] = 0
    embeddings = []
    for ids in (query_ids, gallery_ids):
        embedding = rng.standard_normal((len(ids), dim), dtype=np.float32)
        embedding *= noise
        embedding += centres[ids]
        embeddings.append(embedding)
    return (
        *embeddings,
        query_ids,
        gallery_ids,
        rng.integers(0, size.cameras, size.queries),
        rng.integers(0, size.cameras, size.gallery),
    )


def loop_metrics(
    distances: np.ndarray,
    query_ids: np.ndarray,
    gallery_ids: np.ndarray,
    query_cameras: np.ndarray,
    gallery_cameras: np.ndarray,
) -> tuple[float, np.ndarray, float, int]:
    """The usual evaluation: sort everything, then walk through each query's list."""
    order = np.argsort(distances, axis=1, kind="stable")
    matches = (gallery_ids[order] == query_ids[:, None]).astype(np.int32)
    precisions, penalties, curves = [], [], []
    for query in range(len(distances)):
        same_id = gallery_ids[order[query]] == query_ids[query]
        same_camera = gallery_cameras[order[query]] == query_cameras[query]
        hits = matches[query][~(same_id & same_camera)]
        if not hits.any():
            continue
        found = hits.cumsum()
        last = np.flatnonzero(hits)[-1]
        penalties.append(found[last] / (last + 1.0))
        curves.append(np.minimum(found, 1)[:MAX_RANK])
        running = np.asarray([n / (i + 1.0) for i, n in enumerate(found)])
        precisions.append((running * hits).sum() / hits.sum())
    return (
        float(np.mean(precisions)),
        np.mean(curves, axis=0),
        float(np.mean(penalties)),
        len(precisions),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="market1501")
    parser.add_argument("--dim", type=int, default=384, help="of the embeddings")
    parser.add_argument(
        "--noise",
        type=float,
        default=2.5,
        help="within an identity, in units of the spread between identities; large "
        "values make matches random, the slowest case",
    )
    parser.add_argument("--loop-queries", type=int, help="queries the loop runs on")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, help="of the matrix product")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)

    size = SIZES[args.size]
    query, gallery, *labels = make_task(size, args.dim, args.noise)
    loop_queries = min(args.loop_queries or size.loop_queries, size.queries)
    subset = np.linspace(0, size.queries - 1, loop_queries).astype(int)
    subset_labels = (labels[0][subset], labels[1], labels[2][subset], labels[3])

    def distances() -> np.ndarray:
        return EmbeddingRows(query[subset], gallery).rows(0, loop_queries)

    def ours():
        return rank_metrics((query, gallery), *labels, MAX_RANK)

    def baseline():
        return loop_metrics(distances(), *subset_labels)

    runs = measure({"ours": ours, "baseline": baseline}, repeats=args.repeats)
    found = rank_metrics(distances(), *subset_labels, MAX_RANK)
    equal = all(
        np.allclose(a, b, atol=1e-9, rtol=0)
        for a, b in zip(found, runs["baseline"].result, strict=True)
    )
    result = runs["ours"].result
    report(
        f"rank_eval_{args.size}",
        runs["ours"],
        runs["baseline"],
        equal=equal,
        baseline_scale=size.queries / loop_queries,
        loop_queries=loop_queries,
        loop_matrices_mib=round(size.queries * size.gallery * (4 + 8) / 2**20),
        queries=size.queries,
        gallery=size.gallery,
        dim=args.dim,
        noise=args.noise,
        threads=torch.get_num_threads(),
        mAP=round(result.mAP, 4),
        rank1=round(float(result.cmc[0]), 4),
    )


if __name__ == "__main__":
    with one_line_errors():
        main()
