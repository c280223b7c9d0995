"""From a folder and a query to a ranked answer: what demos and tools call."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mmpsearch.apis.image_sources import (
    Source,
    SourceImage,
    is_video,
    list_files,
    read_one,
)
from mmpsearch.apis.person_search_inferencer import PersonSearchInferencer
from mmpsearch.apis.query_boxes import check_boxes
from mmpsearch.apis.reading_report import ReadingReport
from mmpsearch.errors import GalleryError
from mmpsearch.gallery.detections import ModelFingerprint
from mmpsearch.gallery.gallery_index import GalleryIndex
from mmpsearch.gallery.search_result import SearchResult


@dataclass(frozen=True)
class Query:
    """The person that is looked for.

    Attributes:
        image: The picture with the person.
        box: (4,) float32 xyxy, pixels of the picture.
        embedding: (D,) float32, L2-normalised.
        fingerprint: The model that made the embedding.
        is_crop: The picture shows the person alone; the box is the whole picture.
    """

    image: SourceImage
    box: np.ndarray
    embedding: np.ndarray
    fingerprint: ModelFingerprint
    is_crop: bool


def read_query(
    inferencer: PersonSearchInferencer,
    picture: Source | SourceImage,
    box: Sequence[float] | None = None,
) -> Query:
    """Read and embed the query.

    Args:
        inferencer: The model.
        picture: A scene, or with ``box=None`` a crop of one person.
        box: x1 y1 x2 y2 in pixels of the scene.

    Raises:
        ImageReadError: The picture cannot be read.
        QueryBoxError: The box is empty or lies outside the picture.
    """
    image = picture if isinstance(picture, SourceImage) else read_one(picture)
    height, width = image.pixels.shape[:2]
    boxes = check_boxes([0, 0, width, height] if box is None else box, width, height)
    return Query(
        image=image,
        box=boxes[0],
        embedding=inferencer.embed(image, boxes)[0],
        fingerprint=inferencer.fingerprint,
        is_crop=box is None,
    )


def update_gallery(
    inferencer: PersonSearchInferencer,
    index: GalleryIndex,
    sources: str | os.PathLike | Iterable[str | os.PathLike],
    *,
    frame_step: int = 1,
    camera: str | int | None = None,
    progress: bool = False,
) -> ReadingReport:
    """Add the people of pictures and videos that the gallery does not hold yet.

    Files that are known and unchanged are skipped; changed ones are replaced. What
    cannot be read is reported, not raised. When it is interrupted, the gallery holds
    whole files only, and a second call goes on.

    Args:
        inferencer: The model; it must be the one that filled the gallery so far.
        index: The gallery, changed in place.
        sources: Files and folders.
        frame_step: Of a video every ``frame_step``-th frame is looked at.
        camera: Name of the camera of all the sources; None: what they say themselves.
        progress: Show a bar on the terminal.

    Returns:
        Counts, and the unreadable files.

    Raises:
        GalleryError: Filled by another model or with other settings.
        ImageReadError: A source does not exist.
    """
    index.check_model(inferencer.fingerprint)
    files = list_files(sources)
    settings = {"score_threshold": inferencer.score_threshold}
    if any(is_video(file) for file in files):
        settings["frame_step"] = frame_step
    _agree_on_settings(index, settings)
    new = [file for file in files if not index.is_current(file)]
    for file in sorted(set(new).intersection(index.files)):
        index.remove(path=file)
    report = ReadingReport(skipped=len(files) - len(new))
    unfinished = None
    try:
        for found in inferencer.iter_detect(new, frame_step, report, progress):
            unfinished = found.path if is_video(found.path) else None
            index.add(found, camera)
        unfinished = None
    finally:
        if unfinished in index.files:
            index.remove(path=unfinished)
    return report


def _agree_on_settings(index: GalleryIndex, settings: dict[str, float]) -> None:
    for name, value in settings.items():
        known = index.settings.setdefault(name, value)
        if known != value:
            raise GalleryError(
                f"the gallery was made with {name}={known:g}, now it is {value:g}; use "
                "the same value, or another gallery file"
            )


def search_person(
    index: GalleryIndex,
    query: Query,
    top_k: int = 10,
    threshold: float | None = None,
    *,
    one_per_image: bool = True,
    include_query_image: bool = False,
) -> SearchResult:
    """Rank the gallery for one query.

    Args:
        index: The gallery.
        query: From ``read_query``.
        top_k: Matches wanted.
        threshold: Cosine similarity that a match must reach, see
            ``suggest_threshold``; below it the answer is "no such person".
        one_per_image: Give the best match of each picture or frame only.
        include_query_image: Also look in the query's own picture, where the best
            match is the query itself.

    Raises:
        GalleryError: The gallery was made by another model.
    """
    allowed = None
    if not include_query_image and query.image.path in index.files:
        allowed = ~index.is_from(query.image.path)
    (result,) = index.search(
        query.embedding,
        top_k,
        threshold,
        fingerprint=query.fingerprint,
        allowed=allowed,
        one_per_image=one_per_image,
    )
    return result
