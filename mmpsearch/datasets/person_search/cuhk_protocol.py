"""CUHK-SYSU's test protocols, from ``TestG*.mat`` to integer arrays."""

from pathlib import Path

import numpy as np

from mmpsearch.datasets.io.mat5 import StructArray, open_struct, read_numeric
from mmpsearch.errors import MatFileError
from mmpsearch.structures.search_protocol import offsets_from_lengths

FORMAT_VERSION = "cuhk-protocol-1"


def read_cuhk_protocol(
    path: str | Path, variable: str | None, image_keys: list[str]
) -> dict[str, np.ndarray]:
    """Read one protocol file; memory grows with its integers, not its objects.

    The file holds one struct per query: ``Query`` (``imname``, ``idlocate``) and
    ``Gallery``, a struct array with ``imname`` and ``idlocate``, the latter empty
    where the query person does not appear.

    Args:
        path: ``TestG50.mat`` to ``TestG4000.mat``, ``Occlusion.mat``,
            ``Resolution.mat``.
        variable: Name of the struct in it, such as ``'TestG50'``; None: the only one.
        image_keys: Names of the test images (``pool.mat``); results are positions
            in this list.

    Returns:
        ``query_images`` (Q,) int64, ``query_boxes`` (Q, 4) float64 xyxy,
        ``gallery_offsets`` (Q + 1,) int64, ``gallery_images`` (M,) int32,
        ``positive_offsets`` (Q + 1,), ``positive_images`` (P,) int32,
        ``positive_boxes`` (P, 4) float64 xyxy, as
        :class:`~mmpsearch.structures.SearchProtocol` describes them.

    Raises:
        MatFileError: The file is damaged, or names an image that is not in the list.
    """
    keys = np.array([key.encode() for key in image_keys])
    order = np.argsort(keys)
    lookup = (keys[order], order.astype(np.int32))
    query_images, query_boxes, galleries, positives = [], [], [], []
    with open_struct(path, variable) as (_, fields, cells):
        if not {"Query", "Gallery"} <= set(fields):
            raise MatFileError(f"{path}: fields {fields}, expected Query and Gallery.")
        while (element := _next_element(cells, fields)) is not None:
            query = StructArray.parse(element["Query"])
            query_images.append(_find_images(query.texts("imname"), lookup, path)[0])
            query_boxes.append(_boxes(query, np.array([0]))[0])
            gallery = StructArray.parse(element["Gallery"])
            images = _find_images(gallery.texts("imname"), lookup, path)
            shown = np.flatnonzero(gallery.sizes("idlocate"))
            galleries.append(images)
            positives.append((images[shown], _boxes(gallery, shown)))
    if not query_images:
        raise MatFileError(f"{path} holds no query.")
    return dict(
        query_images=np.array(query_images, dtype=np.int64),
        query_boxes=np.array(query_boxes, dtype=np.float64),
        gallery_offsets=offsets_from_lengths([len(images) for images in galleries]),
        gallery_images=np.concatenate(galleries).astype(np.int32),
        positive_offsets=offsets_from_lengths([len(images) for images, _ in positives]),
        positive_images=np.concatenate([i for i, _ in positives]).astype(np.int32),
        positive_boxes=np.concatenate([boxes for _, boxes in positives]),
    )


def _next_element(cells, fields: list[str]) -> dict[str, bytes] | None:
    element = dict(zip(fields, cells, strict=False))
    return element if len(element) == len(fields) else None


def _find_images(names: np.ndarray, lookup: tuple, path: str | Path) -> np.ndarray:
    keys, order = lookup
    found = np.searchsorted(keys, names).clip(max=len(keys) - 1)
    unknown = np.flatnonzero(keys[found] != names)
    if len(unknown):
        raise MatFileError(
            f"{path} names {len(unknown)} images that pool.mat does not list, first "
            f"{names[unknown[0]].decode()!r}; the two files are of different releases."
        )
    return order[found]


def _boxes(entries: StructArray, elements: np.ndarray) -> np.ndarray:
    """(n, 4) xyxy boxes of the named elements, stored as x, y, width, height."""
    positions = entries.column("idlocate")[elements].tolist()
    boxes = np.array([read_numeric(entries.buffer, p) for p in positions])
    boxes = boxes.reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    return boxes
