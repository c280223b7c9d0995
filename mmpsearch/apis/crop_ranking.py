"""Crops of people, ranked by similarity to a query."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral
from pathlib import Path

import cv2
import numpy as np

from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.errors import InputError
from mmpsearch.visualization import (
    RankedList,
    crop_sighting,
    save_ranked_page,
    save_ranked_picture,
)
from mmpsearch.visualization.ranked_list import QUERY_CROP_SIZE


@dataclass(frozen=True)
class EmbeddedCrops:
    """Pictures of one person each, with their embeddings.

    Attributes:
        images: The pictures: where they came from, and their pixels, of large ones
            reduced to the size in which they are drawn.
        embeddings: (N, D) float32, L2-normalised.
    """

    images: list[SourceImage]
    embeddings: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


def shrink(image: SourceImage) -> SourceImage:
    """The picture no larger than it is ever drawn, as a query.

    A gallery's pictures at full size would fill the memory.
    """
    height, width = image.pixels.shape[:2]
    factor = min(QUERY_CROP_SIZE[0] / width, QUERY_CROP_SIZE[1] / height)
    if factor >= 1:
        return image
    size = [max(1, round(side * factor)) for side in (width, height)]
    small = cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA)
    return replace(image, pixels=small)


@dataclass(frozen=True)
class CropMatch:
    """One gallery picture.

    Attributes:
        rank: 1 for the most similar.
        similarity: Cosine similarity to the query, -1..1.
        index: Position in the gallery.
        image: The picture, as in :class:`EmbeddedCrops`.
        correct: Whether it shows the query's person; None when nobody has said.
    """

    rank: int
    similarity: float
    index: int
    image: SourceImage
    correct: bool | None = None


@dataclass(frozen=True)
class CropRanking:
    """What the gallery says about one query.

    Attributes:
        query: The query's picture, as in :class:`EmbeddedCrops`.
        matches: Most similar first; with a threshold only those that reach it.
        best: The highest similarity in the gallery.
        searched: Number of gallery pictures.
        threshold: The similarity from which it is the same person; None: a ranking.
    """

    query: SourceImage
    matches: list[CropMatch] = field(default_factory=list)
    best: float = float("nan")
    searched: int = 0
    threshold: float | None = None

    @property
    def found(self) -> bool:
        """False: no such person in the gallery."""
        return bool(self.matches)

    def __str__(self) -> str:
        if not self.searched:
            return "The gallery has no other picture than the query's own."
        if not self.found:
            return (
                f"No such person: the most similar of {self.searched} pictures reaches "
                f"{self.best:.3f}, below {self.threshold:.3f}."
            )
        if self.threshold is None:
            return (
                f"The {len(self.matches)} most similar of {self.searched} pictures; "
                f"the best similarity is {self.best:.3f}."
            )
        return (
            f"Found in {len(self.matches)} of {self.searched} pictures: the best "
            f"similarity is {self.best:.3f}, the threshold {self.threshold:.3f}."
        )


def rank_crops(
    query: EmbeddedCrops,
    gallery: EmbeddedCrops,
    top_k: int | None = 10,
    threshold: float | None = None,
    query_ids: Sequence[int] | None = None,
    gallery_ids: Sequence[int] | None = None,
    include_query_image: bool = False,
) -> list[CropRanking]:
    """Rank the gallery for every query; ties keep the gallery's order.

    Args:
        query: The queries.
        gallery: Where to look.
        top_k: Largest number of matches; None for all.
        threshold: Smallest similarity of a match; None for none.
        query_ids: Who the queries show, to judge the matches.
        gallery_ids: Who the gallery shows.
        include_query_image: Also rank the query's own file where the gallery has it;
            scene search leaves it out alike.

    Returns:
        One ranking per query.

    Raises:
        InputError: The gallery is empty, ``top_k`` is below 1, a number is none, or
            ids and pictures differ in number.
    """
    if top_k is not None and (not isinstance(top_k, Integral) or top_k < 1):
        raise InputError(
            f"top_k must be a whole number, at least 1, or None for all, not {top_k!r}"
        )
    if threshold is not None and np.isnan(threshold):
        raise InputError("threshold must be a number, or None for none, not NaN")
    if not len(gallery):
        raise InputError("the gallery is empty: there is no picture that can be read")
    if (query_ids is None) != (gallery_ids is None):
        raise InputError("query_ids and gallery_ids belong together; give both")
    for ids, crops, name in (
        (query_ids, query, "query"),
        (gallery_ids, gallery, "gallery"),
    ):
        if ids is not None and len(ids) != len(crops):
            raise InputError(f"{len(ids)} {name} ids for {len(crops)} pictures")
    similarities = query.embeddings @ gallery.embeddings.T
    files = [] if include_query_image else [file_of(image) for image in gallery.images]
    rankings = []
    for number, row in enumerate(similarities):
        order = np.argsort(-row, kind="stable")
        if not include_query_image:
            own_file = file_of(query.images[number])
            own = np.array([own_file is not None and f == own_file for f in files])
            order, row = order[~own[order]], np.where(own, -np.inf, row)
        matches = [
            CropMatch(
                rank=rank,
                similarity=float(row[index]),
                index=int(index),
                image=gallery.images[index],
                correct=None
                if query_ids is None
                else bool(query_ids[number] == gallery_ids[index]),
            )
            for rank, index in enumerate(order[:top_k], 1)
            if threshold is None or row[index] >= threshold
        ]
        rankings.append(
            CropRanking(
                query.images[number],
                matches,
                float(row.max()) if len(order) else float("nan"),
                len(order),
                threshold,
            )
        )
    return rankings


def file_of(image: SourceImage) -> tuple[str, int] | None:
    """Which file and frame a picture is, links followed; None for an array."""
    return (os.path.realpath(image.path), image.frame) if image.path else None


def save_crop_report(
    folder: str | os.PathLike, rankings: Sequence[CropRanking], title: str = "Crops"
) -> list[Path]:
    """Write ``ranked_<n>.jpg`` for every query and ``ranked.html`` for all.

    Returns:
        The files' paths, the page last.
    """
    lists = [_ranked_list(ranking) for ranking in rankings]
    paths = [Path(folder, f"ranked_{n}.jpg") for n in range(1, len(lists) + 1)]
    for path, ranked in zip(paths, lists, strict=True):
        save_ranked_picture(path, ranked)
    page = Path(folder, "ranked.html")
    save_ranked_page(page, lists, title)
    return [*paths, page]


def _ranked_list(ranking: CropRanking) -> RankedList:
    return RankedList(
        query=crop_sighting(ranking.query.pixels, _name(ranking.query)),
        sightings=[
            crop_sighting(
                match.image.pixels,
                _name(match.image),
                match.similarity,
                correct=match.correct,
            )
            for match in ranking.matches
        ],
        verdict=str(ranking),
        found=ranking.found,
    )


def _name(image: SourceImage) -> str:
    return os.path.basename(image.path) or "array"
