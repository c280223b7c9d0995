"""Time and memory of all 40 runs of SYSU-MM01's evaluation against the usual one.

    python tools/benchmarks/cross_modality_eval.py

The runs are all-search and indoor-search, single-shot and multi-shot, ten galleries
each. Both sides start from the same random embeddings of the true number of queries
(3,803) and of visible test pictures (6,775), and evaluate the same galleries. *Ours*
is ``sysu_mm01_metrics`` on all galleries at once. The *baseline* is what the public
code does for every gallery anew: the matrix of distances, an argsort of it, and a
Python loop over queries that divides a list as long as the gallery. The public code
keeps its features in float64; ``--baseline-dtype float32`` spares it that. It runs on
``--loop-queries`` queries spread over the query list and is scaled linearly to all of
them; its memory is that of this subset. ``equal`` compares all results of both on the
subset. Extracting features is left out; there the usual code embeds every gallery
again, and ours each picture once.

The last line printed is the result as JSON.
"""

import argparse
from itertools import product

import numpy as np
import torch
from common import measure, report

from mmpsearch.evaluation.functional import python_galleries, sysu_mm01_metrics
from mmpsearch.evaluation.functional.cross_modality_galleries import CAMERAS, SHOTS
from mmpsearch.utils.command_line import one_line_errors

MAX_RANK = 20
# People of the test set under each camera, and pictures of each of them.
PEOPLE = {1: 56, 2: 56, 3: 93, 4: 94, 5: 95, 6: 96}
PICTURES = {1: 1374, 2: 1565, 3: 1883, 4: 1918, 5: 1918, 6: 1920}


def make_labels(scale: float = 1.0) -> dict[str, np.ndarray]:
    """Person and camera of the queries and of the gallery's candidates.

    Args:
        scale: Share of the people and pictures under each camera.
    """
    rows = []
    for camera, people in PEOPLE.items():
        amount = max(2, round(people * scale))
        total = max(10 * amount, round(PICTURES[camera] * scale))
        rows += [(person, camera) for person in np.arange(total) % amount]
    person, camera = np.array(sorted(rows)).T
    is_query = (camera == 3) | (camera == 6)
    return dict(
        query_ids=person[is_query],
        gallery_ids=person[~is_query],
        query_cameras=camera[is_query],
        gallery_cameras=camera[~is_query],
    )


def make_embeddings(ids: np.ndarray, dim: int, noise: float, seed: int) -> np.ndarray:
    """(N, dim) float32 unit vectors around a random centre for each person."""
    centres = np.random.default_rng(0).standard_normal((ids.max() + 1, dim))
    found = centres[ids]
    found += noise * np.random.default_rng(seed).standard_normal(found.shape)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found.astype(np.float32)


def loop_metrics(
    distances: np.ndarray,
    query_ids: np.ndarray,
    gallery_ids: np.ndarray,
    query_cameras: np.ndarray,
    gallery_cameras: np.ndarray,
) -> tuple[float, np.ndarray, float, int]:
    """The usual evaluation of one gallery: sort all, then walk through each list."""
    order = np.argsort(distances, axis=1, kind="stable")
    ranked_ids = gallery_ids[order]
    matches = (ranked_ids == query_ids[:, None]).astype(np.int32)
    precisions, penalties, curves = [], [], []
    for query in range(len(distances)):
        hidden = (query_cameras[query] == 3) & (gallery_cameras[order[query]] == 2)
        hits = matches[query][~hidden]
        if not hits.any():
            continue
        ranked = ranked_ids[query][~hidden]
        unique, first = np.unique(ranked, return_index=True)
        by_identity = ranked[np.sort(first)] == query_ids[query]
        curve = by_identity.cumsum()[:MAX_RANK]
        curves.append(np.pad(curve, (0, MAX_RANK - len(curve)), mode="edge"))
        found = hits.cumsum()
        last = np.flatnonzero(hits)[-1]
        penalties.append(found[last] / (last + 1.0))
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
    parser.add_argument("--dim", type=int, default=2048, help="of the embeddings")
    parser.add_argument(
        "--noise",
        type=float,
        default=4.0,
        help="within a person, in units of the spread between people",
    )
    parser.add_argument(
        "--loop-queries", type=int, default=380, help="queries the loop runs on"
    )
    parser.add_argument(
        "--scale", type=float, default=1.0, help="share of people and pictures"
    )
    parser.add_argument(
        "--baseline-dtype",
        choices=("float64", "float32"),
        default="float64",
        help="of the baseline's features",
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, help="of the matrix product")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)

    labels = make_labels(args.scale)
    query = make_embeddings(labels["query_ids"], args.dim, args.noise, 1)
    gallery = make_embeddings(labels["gallery_ids"], args.dim, args.noise, 2)
    people, cameras = labels["gallery_ids"], labels["gallery_cameras"]
    galleries = [
        part
        for mode, shot in product(CAMERAS, SHOTS)
        for part in python_galleries(people, cameras, CAMERAS[mode], SHOTS[shot])
    ]

    loop_queries = min(args.loop_queries, len(query))
    subset = np.linspace(0, len(query) - 1, loop_queries).astype(int)
    subset_ids, subset_cameras = (
        labels[name][subset] for name in ("query_ids", "query_cameras")
    )
    loop_query = query[subset].astype(args.baseline_dtype)
    # What the public code extracts for every gallery before it evaluates.
    loop_galleries = [gallery[part].astype(args.baseline_dtype) for part in galleries]

    def ours():
        return sysu_mm01_metrics(
            (query, gallery), **labels, max_rank=MAX_RANK, galleries=galleries
        )

    def baseline():
        return [
            loop_metrics(
                1 - loop_query @ features.T,
                subset_ids,
                people[part],
                subset_cameras,
                cameras[part],
            )
            for part, features in zip(galleries, loop_galleries, strict=True)
        ]

    runs = measure({"ours": ours, "baseline": baseline}, args.repeats, warmup=0)
    found, wanted = runs["ours"].result, runs["baseline"].result
    checked = sysu_mm01_metrics(
        (query[subset], gallery),
        subset_ids,
        people,
        subset_cameras,
        cameras,
        max_rank=MAX_RANK,
        galleries=galleries,
    )
    # Products may order distances that differ in the last bit differently.
    difference = max(
        float(np.abs(np.asarray(a) - np.asarray(b)).max())
        for one, other in zip(checked, wanted, strict=True)
        for a, b in zip(one, other, strict=True)
    )
    report(
        "cross_modality_eval",
        runs["ours"],
        runs["baseline"],
        equal=difference < 1e-5,
        baseline_scale=len(query) / loop_queries,
        largest_difference=difference,
        loop_queries=loop_queries,
        galleries=len(galleries),
        queries=len(query),
        candidates=len(gallery),
        dim=args.dim,
        noise=args.noise,
        baseline_dtype=args.baseline_dtype,
        threads=torch.get_num_threads(),
        mAP=round(found[0].mAP, 4),
        rank1=round(float(found[0].cmc[0]), 4),
    )


if __name__ == "__main__":
    with one_line_errors():
        main()
