"""Results of several galleries as rows of a file, for figures and tables."""

import json
import os
from collections.abc import Mapping

import numpy as np

from mmpsearch.evaluation.functional import ListedGallery, WholeGallery
from mmpsearch.structures import SearchProtocol
from mmpsearch.utils.atomic import replace_when_done

BLOCK = 256  # queries whose gallery counts are held at a time


def result_row(
    name: str,
    protocol: SearchProtocol,
    gallery: ListedGallery | WholeGallery,
    metrics: Mapping[str, float],
) -> dict[str, object]:
    """One row: whose results, in how large a gallery, and the results.

    Args:
        name: Of the gallery, such as ``"G50"``; empty for the main one.
        protocol: The protocol that was searched.
        gallery: Its gallery policy.
        metrics: Results of this gallery.
    """
    sizes = [
        (gallery.counts(start, min(start + BLOCK, protocol.num_queries)) > 0).sum(1)
        for start in range(0, protocol.num_queries, BLOCK)
    ]
    mean_size = float(np.concatenate(sizes).mean()) if sizes else 0.0
    return {
        "name": name,
        "protocol": protocol.name,
        "queries": protocol.num_queries,
        "gallery_images": round(mean_size, 2),
        **metrics,
    }


def write_rows(path: str | os.PathLike, rows: list[dict[str, object]]) -> None:
    """Write ``{"rows": rows}`` as JSON in one step; folders are made."""
    with replace_when_done(path) as temporary:
        temporary.write_text(json.dumps({"rows": rows}, indent=1), encoding="utf-8")
