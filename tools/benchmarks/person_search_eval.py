"""Person-search evaluation at published size against a plain per-query loop.

    python tools/benchmarks/person_search_eval.py --layout prw --dim 256
    python tools/benchmarks/person_search_eval.py --layout cuhk_sysu --gallery 4000

The loop does what the field's evaluators do: for every query it looks up where the
person is, visits every gallery image, computes similarities there, looks for the
correct detection, and ranks the collected list. It runs on ``--queries`` evenly
spread queries and its time is extrapolated linearly; ours evaluates all queries.
``equal`` holds when every query's AP and first correct rank agree with the loop run
in float64 (the timed loop computes in float32; ``difference_float32`` is its largest
difference in AP).

With 2,048 dimensions most of our time goes into the float32 products of all queries
with all detections, which bound the ratio on one thread.
"""

import argparse
import functools

import numpy as np
from common import measure, report
from random_search_data import random_search_data

from mmpsearch.evaluation.functional import (
    Detections,
    person_search_metrics,
)
from mmpsearch.structures import SearchProtocol
from mmpsearch.utils.command_line import one_line_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--layout", choices=("prw", "cuhk_sysu"), default="prw")
    parser.add_argument("--gallery", type=int, default=100, help="for cuhk_sysu")
    parser.add_argument("--dim", type=int, default=256, help="length of embeddings")
    parser.add_argument("--queries", type=int, default=40, help="queries of the loop")
    parser.add_argument("--repeats", type=int, default=3, help="timed runs of each")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the size")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def iou(box: np.ndarray, other: np.ndarray) -> float:
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    overlap = max(0, width) * max(0, height)
    area = (box[2] - box[0]) * (box[3] - box[1])
    union = area + (other[2] - other[0]) * (other[3] - other[1]) - overlap
    return overlap / union


def sorted_average_precision(labels: np.ndarray) -> float:
    """Average precision of 0/1 labels in ranked order."""
    hits = np.cumsum(labels)
    precision = hits / np.arange(1, len(labels) + 1)
    return float(precision[labels > 0].mean()) if hits[-1] else 0.0


def people_to_find(protocol: SearchProtocol, query: int) -> dict[int, np.ndarray]:
    """Image -> the person's box: from the lists, or searched for in all images."""
    if protocol.gallery_offsets is not None:
        images, boxes = protocol.positives_of(query)
        return dict(zip(images.tolist(), boxes, strict=True))
    person, own = protocol.query_person_ids[query], protocol.query_images[query]
    found = {}
    for image in range(protocol.num_images):
        boxes, ids = protocol.ground_truth_of(image)
        if image != own and person in ids:
            found[image] = boxes[ids == person][0]
    return found


def loop(
    protocol: SearchProtocol,
    per_image: list[tuple[np.ndarray, np.ndarray]],
    query_embeddings: np.ndarray,
    queries: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The plain evaluator.

    Args:
        protocol: Search protocol.
        per_image: Boxes and L2-normalised embeddings of each image's detections.
        query_embeddings: (Q, D) L2-normalised.
        queries: Which queries to evaluate.

    Returns:
        AP of each of these queries, and its first correct rank (0: none).
    """
    aps, ranks = [], []
    for query in queries:
        embedding = query_embeddings[query]
        person = people_to_find(protocol, query)
        labels: list[int] = []
        similarities: list[float] = []
        expected = found = 0
        for image in protocol.gallery_of(query).tolist():
            expected += image in person
            detected, embeddings = per_image[image]
            if len(detected) == 0:
                continue
            similarity = embeddings.dot(embedding)
            label = [0] * len(detected)
            if image in person:
                box = person[image]
                width, height = box[2] - box[0], box[3] - box[1]
                needed = min(0.5, width * height / ((width + 10) * (height + 10)))
                for i in np.argsort(similarity)[::-1]:
                    if iou(detected[i], box) >= needed:
                        label[i] = 1
                        found += 1
                        break
            labels.extend(label)
            similarities.extend(similarity)
        ranked = np.asarray(labels)[np.argsort(similarities)[::-1]]
        ap = sorted_average_precision(ranked) * found / expected if found else 0.0
        aps.append(ap)
        ranks.append(int(np.argmax(ranked)) + 1 if found else 0)
    return np.array(aps), np.array(ranks)


def normalised(embeddings: np.ndarray) -> np.ndarray:
    return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)


def split(
    detections: Detections, embeddings: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    ends = detections.offsets[1:-1]
    return list(
        zip(
            np.split(detections.boxes, ends),
            np.split(embeddings, ends),
            strict=True,
        )
    )


def main() -> None:
    args = parse_args()
    protocol, detections, queries = random_search_data(
        args.layout, args.dim, args.gallery, args.scale, args.seed
    )
    count = min(args.queries, len(queries))
    subset = np.linspace(0, len(queries) - 1, count).astype(int)
    ours = functools.partial(
        person_search_metrics, protocol, detections, queries, score_threshold=0.5
    )
    # copies for the loop are made before timing, and counted as its memory
    unit = normalised(detections.embeddings)
    baseline = functools.partial(
        loop, protocol, split(detections, unit), normalised(queries), subset
    )
    runs = measure({"ours": ours, "baseline": baseline}, args.repeats)
    found = runs["ours"].result["per_query"]
    exact_ap, exact_rank = loop(
        protocol,
        split(detections, normalised(detections.embeddings.astype(np.float64))),
        normalised(queries.astype(np.float64)),
        subset,
    )
    difference = np.abs(found.ap[subset] - exact_ap)
    report(
        "person_search_eval",
        runs["ours"],
        runs["baseline"],
        equal=bool(
            difference.max() < 1e-9 and (found.rank[subset] == exact_rank).all()
        ),
        baseline_scale=len(queries) / count,
        layout=args.layout,
        gallery=args.gallery if args.layout == "cuhk_sysu" else "all",
        dim=args.dim,
        images=protocol.num_images,
        detections=len(detections.scores),
        queries=len(queries),
        baseline_queries=count,
        baseline_note=f"baseline_s is extrapolated from {count} queries",
        difference=float(difference.max()),
        difference_float32=float(
            np.abs(found.ap[subset] - runs["baseline"].result[0]).max()
        ),
        mAP=runs["ours"].result["mAP"],
        top1=runs["ours"].result["top1"],
    )


if __name__ == "__main__":
    with one_line_errors():
        main()
