"""From a folder and a query to a ranked answer: what demos and tools call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmpsearch.apis.image_sources import (
    Source,
    SourceImage,
    read_one,
)
from mmpsearch.apis.person_search_inferencer import PersonSearchInferencer
from mmpsearch.apis.query_boxes import check_boxes
from mmpsearch.errors import InputError
from mmpsearch.gallery.detections import ModelFingerprint
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.scene_search import SceneFilter
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
        scene_query: (3 S + 2,) float32, what the person in this scene asks of other
            scenes; None: the query was read without.
    """

    image: SourceImage
    box: np.ndarray
    embedding: np.ndarray
    fingerprint: ModelFingerprint
    is_crop: bool
    scene_query: np.ndarray | None = None


def read_query(
    inferencer: PersonSearchInferencer,
    picture: Source | SourceImage,
    box: Sequence[float] | None = None,
    frame: int | None = None,
    scene_filter: bool = False,
) -> Query:
    """Read and embed the query.

    Args:
        inferencer: The model.
        picture: A scene, or with ``box=None`` a crop of one person.
        box: x1 y1 x2 y2 in pixels of the scene.
        frame: Which one, from 0, where ``picture`` is a video.
        scene_filter: The search is going to ask which scenes can hold the person.

    Raises:
        ImageReadError: The picture cannot be read.
        QueryBoxError: The box is empty or lies outside the picture.
        InputError: A scene filter, and a crop or a model without.
    """
    if scene_filter and box is None:
        raise InputError(
            "the scene filter needs the scene in which the person was seen, and the "
            "person's box: a picture of the person alone is not enough"
        )
    image = picture if isinstance(picture, SourceImage) else read_one(picture, frame)
    height, width = image.pixels.shape[:2]
    boxes = check_boxes([0, 0, width, height] if box is None else box, width, height)
    asked = None
    if scene_filter:
        embeddings, (asked,) = inferencer.embed_with_scenes(image, boxes)
    else:
        embeddings = inferencer.embed(image, boxes)
    return Query(
        image=image,
        box=boxes[0],
        embedding=embeddings[0],
        fingerprint=inferencer.fingerprint,
        is_crop=box is None,
        scene_query=asked,
    )


def search_person(
    index: Gallery,
    query: Query | Sequence[Query],
    top_k: int = 10,
    threshold: float | None = None,
    *,
    one_per_image: bool = True,
    include_query_image: bool = False,
    where: Where | None = None,
    one_per: str | None = None,
    combine: str = "mean",
    scenes: SceneFilter | None = None,
) -> SearchResult:
    """Rank the gallery for one person.

    Args:
        index: The gallery.
        query: From ``read_query``; or several pictures of the person.
        top_k: Matches wanted.
        threshold: Cosine similarity that a match must reach, see
            ``suggest_threshold``; below it the answer is "no such person".
        one_per_image: Give the best match of each picture or frame only.
        include_query_image: Also look in the query's own picture (of a video, in the
            query's own frame), where the best match is the query itself.
        where: Cameras and times that are looked at, see ``mmpsearch.gallery.where``.
        one_per: ``"track"`` gives the best match of each track only.
        combine: Of several pictures: ``"mean"`` of the embeddings, or ``"max"``, the
            most similar picture.
        scenes: See ``scene_filter_of``; weights similarities by scenes.

    Raises:
        GalleryError: The gallery was made by another model.
    """
    queries = [query] if isinstance(query, Query) else list(query)
    where = where or Where()
    if not include_query_image:
        where = without_query(queries, where)
    (result,) = index.search(
        np.stack([one.embedding for one in queries]),
        top_k,
        threshold,
        fingerprint=queries[0].fingerprint,
        where=where,
        one_per=one_per or ("image" if one_per_image else None),
        combine=combine,
        scenes=scenes,
        asked=[[one.image.path, one.box.tolist()] for one in queries],
    )
    return result


def scene_filter_of(
    query: Query | Sequence[Query],
    threshold: float | None = None,
    confidence_weighted: bool = True,
) -> SceneFilter:
    """What queries that were read with ``scene_filter=True`` ask of scenes.

    Args:
        query: One, or several pictures of the person.
        threshold: See ``SceneFilter``.
        confidence_weighted: See ``SceneFilter``.

    Raises:
        InputError: A query was read without.
    """
    queries = [query] if isinstance(query, Query) else query
    if any(one.scene_query is None for one in queries):
        raise InputError("read the query with scene_filter=True to filter scenes")
    asked = np.stack([one.scene_query for one in queries])
    return SceneFilter(asked, threshold, confidence_weighted)


def without_query(query: Query | Sequence[Query], where: Where | None = None) -> Where:
    """The same conditions, and not in the queries' own pictures.

    Of a video that is the query's frame alone: the frames beside it stay, as in the
    protocol of PRW, whose pictures are frames of videos too.
    """
    queries = [query] if isinstance(query, Query) else query
    where = where or Where()
    own = {(one.image.path, one.image.frame) for one in queries if one.image.path}
    return replace(where, not_frames=where.not_frames | own)
