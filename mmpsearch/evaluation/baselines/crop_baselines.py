"""Re-identification of crops without learning: colours, and light and dark.

A trained model must do clearly better than the best of these, not only than chance.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from mmpsearch.datasets.transforms.loading import LoadImage
from mmpsearch.evaluation.baselines.colour_histogram import (
    BINS,
    STRIPES,
    _map,
    histogram_embeddings,
    stripe_counts,
)
from mmpsearch.evaluation.functional import rank_metrics

LAYOUT = (12, 3)
RANKS = (1, 5, 10)


def grey_layout(image: np.ndarray, size: tuple[int, int] = LAYOUT) -> np.ndarray:
    """Brightness of the cells of a grid, without the picture's mean and contrast.

    Args:
        image: (H, W, 3) uint8 BGR.
        size: Rows and columns of the grid.

    Returns:
        (rows * columns,) float32 of norm 1 (0 for an even picture).
    """
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    cells = cv2.resize(grey, size[::-1], interpolation=cv2.INTER_AREA).ravel()
    cells -= cells.mean()
    return cells / max(float(np.linalg.norm(cells)), 1e-6)


def crop_features(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Pixel counts (2, 6, BINS), raw and grey-world, and the grey layout of a file."""
    image = LoadImage()(dict(img_path=path))["img"]
    box = np.array([[0, 0, image.shape[1], image.shape[0]]])
    counts = [stripe_counts(image, box, kind) for kind in ("raw", "grey_world")]
    return np.concatenate(counts), grey_layout(image)


def evaluate_crop_baselines(
    image_paths: Sequence[str],
    person_ids: np.ndarray,
    camera_ids: np.ndarray,
    is_query: np.ndarray,
    workers: int = 0,
) -> list[dict[str, Any]]:
    """Re-identification results of all variants, and of chance.

    Args:
        image_paths: N crops, queries and gallery.
        person_ids: (N,) ids.
        camera_ids: (N,) cameras, -1 unknown.
        is_query: (N,) bool.
        workers: Processes that read images; 0 reads in this one.

    Returns:
        One row per variant with ``name``, ``mAP``, ``mINP``, ``rank1``, ``rank5`` and
        ``rank10``, best mAP first; the row ``chance`` (random embeddings) is last.
    """
    is_query = np.asarray(is_query, dtype=bool)
    counts = np.zeros((len(image_paths), 2, STRIPES[-1], BINS), np.float32)
    layouts = np.zeros((len(image_paths), LAYOUT[0] * LAYOUT[1]), np.float32)
    found = _map(crop_features, list(image_paths), workers)
    for i, (pixel_counts, layout) in enumerate(found):
        counts[i], layouts[i] = pixel_counts, layout
    variants = {"grey layout": layouts}
    for k, kind in enumerate(("raw", "grey world")):
        for stripes in STRIPES:
            parts = "whole crop" if stripes == 1 else f"{stripes} stripes"
            embeddings = histogram_embeddings(counts[:, k], stripes)
            variants[f"{parts}, {kind}"] = embeddings
    rng = np.random.default_rng(0)
    variants["chance"] = rng.standard_normal((len(image_paths), 64), np.float32)
    labels = [
        part
        for ids in (np.asarray(person_ids), np.asarray(camera_ids))
        for part in (ids[is_query], ids[~is_query])
    ]
    rows = []
    for name, embeddings in variants.items():
        pair = embeddings[is_query], embeddings[~is_query]
        result = rank_metrics(pair, *labels, max_rank=max(RANKS))
        row = {"name": name, "mAP": result.mAP, "mINP": result.mINP}
        row |= {f"rank{rank}": float(result.cmc[rank - 1]) for rank in RANKS}
        rows.append(row)
    chance = rows.pop()
    return [*sorted(rows, key=lambda row: -row["mAP"]), chance]
