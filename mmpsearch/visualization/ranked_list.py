"""What is shown of one query: its picture, the ranked matches, the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from mmpsearch.visualization.drawing import (
    ACCENT,
    fit,
    frame_colour,
    person_crop,
    scene_with_box,
)
from mmpsearch.visualization.timeline import TimelineBar

CROP_SIZE = (110, 220)
SCENE_SIZE = (330, 220)
QUERY_CROP_SIZE = (150, 300)
QUERY_SCENE_SIZE = (520, 300)


@dataclass(frozen=True)
class Sighting:
    """One person in one scene, reduced to one or two small pictures.

    Attributes:
        crop: The person.
        scene: The scene with the person's box; None where the picture is a crop.
        title: File name, or what else identifies the scene.
        detail: Further words, such as time and camera; may be empty.
        similarity: Cosine similarity to the query; None for the query itself.
        correct: Whether it is the query's person; None when nobody has said.
        link: Address of the picture's file for the page; empty for none.
    """

    crop: Image.Image
    scene: Image.Image | None
    title: str
    detail: str = ""
    similarity: float | None = None
    correct: bool | None = None
    link: str = ""


@dataclass(frozen=True)
class RankedList:
    """The query and what was found, ready to be drawn.

    Attributes:
        query: The person that was looked for.
        sightings: Matches, the most similar first.
        verdict: One sentence, such as "found in 3 pictures" or "no such person".
        found: False draws the list as the explicit answer "no such person";
            ``sightings`` are then the most similar people that were turned down.
        timeline: Where and when the person was seen; only pages show it.
        further: More query pictures of the person; only pages show them.
    """

    query: Sighting
    sightings: Sequence[Sighting] = field(default_factory=tuple)
    verdict: str = ""
    found: bool = True
    timeline: Sequence[TimelineBar] = ()
    further: Sequence[Sighting] = ()

    @property
    def has_scenes(self) -> bool:
        """False: query and matches are crops, shown without a scene."""
        return any(one.scene is not None for one in (self.query, *self.sightings))


def query_sighting(
    image: np.ndarray, box: np.ndarray, title: str, detail: str = ""
) -> Sighting:
    """The query's small pictures.

    Args:
        image: (H, W, 3) uint8 BGR.
        box: (4,) xyxy, pixels of ``image``.
        title: File name.
        detail: Further words.
    """
    return Sighting(
        person_crop(image, box, *QUERY_CROP_SIZE),
        scene_with_box(image, box, ACCENT, *QUERY_SCENE_SIZE),
        title,
        detail,
    )


def match_sighting(
    image: np.ndarray,
    box: np.ndarray,
    title: str,
    similarity: float,
    detail: str = "",
    correct: bool | None = None,
) -> Sighting:
    """A match's small pictures; arguments as ``query_sighting`` and ``Sighting``."""
    return Sighting(
        person_crop(image, box, *CROP_SIZE),
        scene_with_box(image, box, frame_colour(correct), *SCENE_SIZE),
        title,
        detail,
        similarity,
        correct,
    )


def crop_sighting(
    image: np.ndarray,
    title: str,
    similarity: float | None = None,
    detail: str = "",
    correct: bool | None = None,
) -> Sighting:
    """One small picture of a crop, which is its own scene.

    Args:
        image: (H, W, 3) uint8 BGR, one person.
        title: File name.
        similarity: To the query; None for the query itself.
        detail: Further words.
        correct: See ``Sighting``.
    """
    size = QUERY_CROP_SIZE if similarity is None else CROP_SIZE
    return Sighting(fit(image, *size)[0], None, title, detail, similarity, correct)


def missing_sighting(
    title: str, similarity: float, detail: str = "", correct: bool | None = None
) -> Sighting:
    """A match whose picture can no longer be read: grey fields in its place."""
    grey = (205, 207, 210)
    return Sighting(
        Image.new("RGB", CROP_SIZE, grey),
        Image.new("RGB", SCENE_SIZE, grey),
        title,
        detail or "the picture cannot be read any more",
        similarity,
        correct,
    )
