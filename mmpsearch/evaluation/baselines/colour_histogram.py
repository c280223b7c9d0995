"""Person search by colour histograms of ground-truth boxes.

What clothes' colours alone achieve, with perfect detection: HSV histograms of
horizontal stripes, compared by cosine of their square roots (the Bhattacharyya
coefficient). A model that learned to recognise people must do clearly better.
"""

import functools
import itertools
import multiprocessing
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np
from rich.progress import track

from mmpsearch.datasets.transforms.loading import LoadImage
from mmpsearch.evaluation.functional import (
    Detections,
    detection_metrics,
    person_search_metrics,
)
from mmpsearch.structures import SearchProtocol
from mmpsearch.utils.parent_watch import end_with_parent

HUES, SATURATIONS, VALUES = 12, 4, 4
BINS = HUES * SATURATIONS * VALUES
STRIPES = (1, 3, 6)  # divisors of the last: coarser stripes are sums of finer ones

Normalisation = Literal["raw", "grey_world", "grey_world_box"]
NORMALISATIONS: tuple[Normalisation, ...] = ("raw", "grey_world", "grey_world_box")


class HistogramCounts(NamedTuple):
    """Pixel counts per box, stripe (of six) and bin.

    Attributes:
        people: (G, 6, BINS) float32 of the ground-truth boxes.
        queries: (Q, 6, BINS) float32 of the query boxes.
    """

    people: np.ndarray
    queries: np.ndarray


def grey_world(image: np.ndarray) -> np.ndarray:
    """Scale the channels so that each has the mean 128 (grey-world assumption).

    Takes out a camera's colour cast and gain.

    Args:
        image: (H, W, 3) uint8.

    Returns:
        (H, W, 3) uint8, clipped at 255.
    """
    gains = 128 / np.maximum(cv2.mean(image)[:3], 1)
    table = np.round(np.minimum(np.arange(256)[:, None] * gains, 255))
    return cv2.LUT(image, table.astype(np.uint8)[None])


def stripe_counts(
    image: np.ndarray, boxes: np.ndarray, normalisation: Normalisation = "raw"
) -> np.ndarray:
    """Count the pixels of six horizontal stripes of every box by colour.

    Args:
        image: (H, W, 3) uint8 BGR.
        boxes: (N, 4) xyxy in pixels of the image; parts outside are left out.
        normalisation: ``"raw"`` colours; ``"grey_world"`` evens out the image,
            ``"grey_world_box"`` every box, by :func:`grey_world`.

    Returns:
        (N, 6, BINS) float32; zero for boxes outside the image.
    """
    if normalisation == "grey_world":
        image = grey_world(image)
    height, width = image.shape[:2]
    stripes = STRIPES[-1]
    counts = np.zeros((len(boxes), stripes * BINS), dtype=np.float32)
    bins = None if normalisation == "grey_world_box" else _colour_bins(image)
    limits = np.array([width, height, width, height])
    corners = np.clip(np.round(boxes), 0, limits).astype(int)
    for row, (x1, y1, x2, y2) in enumerate(corners):
        if x2 <= x1 or y2 <= y1:
            continue
        if bins is None:
            inside = _colour_bins(grey_world(image[y1:y2, x1:x2]))
        else:
            inside = bins[y1:y2, x1:x2]
        stripe = np.arange(y2 - y1) * stripes // (y2 - y1)
        cells = inside + BINS * stripe[:, None]
        counts[row] = np.bincount(cells.ravel(), minlength=stripes * BINS)
    return counts.reshape(len(boxes), stripes, BINS)


def histogram_embeddings(counts: np.ndarray, stripes: int) -> np.ndarray:
    """(N, 6, BINS) counts -> (N, stripes * BINS) float32 roots of the histograms.

    Every stripe weighs the same, whatever its number of pixels.
    """
    merged = counts.reshape(len(counts), stripes, -1, BINS).sum(axis=2)
    total = np.maximum(merged.sum(axis=2, keepdims=True), 1)
    return np.sqrt(merged / total).reshape(len(counts), -1)


def colour_histograms(
    image: np.ndarray,
    boxes: np.ndarray,
    stripes: int = 6,
    normalisation: Normalisation = "raw",
) -> np.ndarray:
    """Colour-histogram embeddings of the boxes of an image.

    Args:
        image: (H, W, 3) uint8 BGR.
        boxes: (N, 4) xyxy in pixels of the image.
        stripes: 1, 3 or 6 horizontal stripes.
        normalisation: As in :func:`stripe_counts`.

    Returns:
        (N, stripes * 192) float32 with Euclidean norm ``sqrt(stripes)``.
    """
    if stripes not in STRIPES:
        raise ValueError(f"stripes must be one of {STRIPES}, got {stripes}")
    return histogram_embeddings(stripe_counts(image, boxes, normalisation), stripes)


def evaluate_colour_histograms(
    protocol: SearchProtocol,
    image_paths: Sequence[str],
    normalisations: Sequence[Normalisation] = NORMALISATIONS,
    workers: int = 0,
) -> list[dict[str, Any]]:
    """Person-search results of all variants on ground-truth boxes.

    Args:
        protocol: Search protocol of the test set.
        image_paths: Path of every image of the protocol, in its order.
        normalisations: Which normalisations to try.
        workers: Processes that read images; 0 reads in this one.

    Returns:
        One row per variant with ``name``, ``stripes``, ``normalisation``, ``mAP``,
        ``top1``, ``top5``, ``top10``, ``det_ap`` and ``det_recall``; best mAP first.
    """
    counts = count_all(protocol, image_paths, normalisations, workers)
    truth = Detections.from_ground_truth(protocol)
    detected = detection_metrics(protocol, truth)
    rows = []
    for normalisation, stripes in itertools.product(normalisations, STRIPES):
        people, queries = counts[normalisation]
        found = person_search_metrics(
            protocol,
            Detections.from_ground_truth(
                protocol, histogram_embeddings(people, stripes)
            ),
            histogram_embeddings(queries, stripes),
        )
        parts = "whole box" if stripes == 1 else f"{stripes} stripes"
        rows.append(
            {
                "name": f"{parts}, {normalisation.replace('_', ' ')}",
                "stripes": stripes,
                "normalisation": normalisation,
                **{key: found[key] for key in ("mAP", "top1", "top5", "top10")},
                "det_ap": detected["ap"],
                "det_recall": detected["recall"],
            }
        )
    return sorted(rows, key=lambda row: -row["mAP"])


def count_all(
    protocol: SearchProtocol,
    image_paths: Sequence[str],
    normalisations: Sequence[Normalisation],
    workers: int = 0,
) -> dict[Normalisation, HistogramCounts]:
    """Pixel counts of all ground-truth and query boxes of a test set."""
    if len(image_paths) != protocol.num_images:
        raise ValueError(
            f"protocol {protocol.name!r} has {protocol.num_images} images, but there "
            f"are {len(image_paths)} paths"
        )
    queries_of = [[] for _ in image_paths]
    for query, image in enumerate(protocol.query_images):
        queries_of[image].append(query)
    tasks = []
    for image, path in enumerate(image_paths):
        boxes = protocol.ground_truth_of(image)[0]
        own = protocol.query_boxes[queries_of[image]]
        tasks.append((path, np.concatenate([boxes, own])))
    shape = (STRIPES[-1], BINS)
    counts = {
        normalisation: HistogramCounts(
            np.zeros((len(protocol.gt_boxes), *shape), np.float32),
            np.zeros((protocol.num_queries, *shape), np.float32),
        )
        for normalisation in normalisations
    }
    count = functools.partial(_count_image, normalisations=tuple(normalisations))
    for image, found in enumerate(_map(count, tasks, workers)):
        begin, end = protocol.gt_offsets[image : image + 2]
        for normalisation, rows in zip(normalisations, found, strict=True):
            counts[normalisation].people[begin:end] = rows[: end - begin]
            counts[normalisation].queries[queries_of[image]] = rows[end - begin :]
    return counts


def _count_image(
    task: tuple[str, np.ndarray], normalisations: Sequence[Normalisation]
) -> list[np.ndarray]:
    path, boxes = task
    if len(boxes) == 0:
        empty = np.zeros((0, STRIPES[-1], BINS), np.float32)
        return [empty] * len(normalisations)
    image = LoadImage()(dict(img_path=path))["img"]
    return [stripe_counts(image, boxes, name) for name in normalisations]


def _map(function, tasks: Sequence, workers: int):
    shown = dict(description="colour histograms", total=len(tasks))
    if workers == 0:
        yield from track(map(function, tasks), **shown)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, initializer=end_with_parent) as pool:
        yield from track(pool.imap(function, tasks, chunksize=8), **shown)


def _colour_bins(image: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 BGR -> (H, W) int64 bin of every pixel."""
    hue, saturation, value = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2HSV))
    hue = hue.astype(np.int64) * HUES // 180
    saturation = saturation.astype(np.int64) * SATURATIONS // 256
    value = value.astype(np.int64) * VALUES // 256
    return (hue * SATURATIONS + saturation) * VALUES + value
