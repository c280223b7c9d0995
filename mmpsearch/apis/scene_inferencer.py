"""Find and embed people in pictures, whatever does the finding and embedding."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice

import numpy as np
from rich.console import Console
from rich.progress import Progress

from mmpsearch.apis.image_sources import (
    Source,
    SourceImage,
    Sources,
    iter_images,
    list_files,
    read_one,
)
from mmpsearch.apis.query_boxes import check_boxes
from mmpsearch.apis.reading_report import ReadingReport
from mmpsearch.errors import ImageReadError, InputError
from mmpsearch.gallery.detections import Detections, ModelFingerprint, normalise
from mmpsearch.gallery.scene_search import SceneFilter


@dataclass
class SceneCounts:
    """Of pictures that were asked whether they can hold a person.

    Attributes:
        looked_into: They can, and people were looked for.
        left_out: They cannot.
    """

    looked_into: int = 0
    left_out: int = 0

    def __str__(self) -> str:
        pictures = self.looked_into + self.left_out
        return (
            f"People were not looked for in {self.left_out} of {pictures} pictures: "
            "those cannot hold the person."
        )


class SceneInferencer(ABC):
    """What searches pictures of many people: an end-to-end model, or two models.

    Attributes:
        fingerprint: Names and digest of what embeds, and the name of what detects.
        score_threshold: Smallest score of a person, 0..1.
        batch_size: Pictures per forward pass.
        drawn_people: Some of it learned from drawn people, and will miss real ones.
    """

    fingerprint: ModelFingerprint
    score_threshold: float
    batch_size: int
    drawn_people: bool = False

    @abstractmethod
    def _find(self, batch: Sequence[SourceImage]) -> Sequence[tuple[np.ndarray, ...]]:
        """The people of every picture.

        Returns:
            Boxes (K, 4) xyxy in pixels of the picture, scores (K,), embeddings (K, D)
            of any length, and where the model makes one (S,) of the scene; one tuple a
            picture.
        """

    @abstractmethod
    def _embed(self, image: SourceImage, boxes: np.ndarray) -> np.ndarray:
        """Embeddings (M, D) of any length of boxes (M, 4) inside the picture."""

    def detect(
        self,
        images: Sources,
        frame_step: int = 1,
        report: ReadingReport | None = None,
    ) -> list[Detections]:
        """Find and embed everybody.

        Args:
            images: A picture (path, or array in BGR order), a video, a folder, or a
                list of them.
            frame_step: Of a video every ``frame_step``-th frame is looked at.
            report: Collects what cannot be read. None: the error is raised.

        Returns:
            One entry per picture or frame, in the order of reading.

        Raises:
            ImageReadError: Something cannot be read and there is no report.
        """
        return list(self.iter_detect(images, frame_step, report))

    def iter_detect(
        self,
        images: Sources,
        frame_step: int = 1,
        report: ReadingReport | None = None,
        progress: bool = False,
    ) -> Iterator[Detections]:
        """As ``detect``, one picture after the other, for folders of any size.

        Args:
            progress: Show a bar on the terminal (standard error).
        """
        strict = report is None
        report = ReadingReport() if report is None else report
        with Progress(console=Console(stderr=True), disable=not progress) as bar:
            task = bar.add_task("looking for people", total=_number_of_files(images))

            def skip(error: ImageReadError) -> None:
                report.unreadable.append(error)
                bar.advance(task)

            last_path = None
            stream = iter_images(images, frame_step, None if strict else skip)
            for found in self.detect_stream(stream):
                report.images += 1
                report.people += len(found)
                if found.path != last_path or not found.path:
                    bar.advance(task)
                    last_path = found.path
                yield found

    def detect_stream(self, stream: Iterator[SourceImage]) -> Iterator[Detections]:
        """Find and embed everybody in pictures that are read already.

        Args:
            stream: Pictures, read no faster than they are needed.
        """
        stream = iter(stream)
        while batch := list(islice(stream, self.batch_size)):
            for image, people in zip(batch, self._find(batch), strict=True):
                yield self._detections(image, *people)

    def embed(
        self, image: Source | SourceImage, boxes: Sequence[Sequence[float]] | np.ndarray
    ) -> np.ndarray:
        """Embed given people of one picture.

        Args:
            image: Path, array in BGR order, or a picture that was read before.
            boxes: (M, 4) or (4,) xyxy in pixels of the picture as it is displayed
                (after EXIF rotation). What reaches over the border is cut off.

        Returns:
            (M, D) float32, L2-normalised.

        Raises:
            ImageReadError: The picture cannot be read.
            QueryBoxError: A box is empty or lies outside the picture.
        """
        return normalise(self._embed(*self._given(image, boxes)))

    @staticmethod
    def _given(
        image: Source | SourceImage, boxes: Sequence[Sequence[float]] | np.ndarray
    ) -> tuple[SourceImage, np.ndarray]:
        """The picture, read, and its boxes (M, 4), checked."""
        if not isinstance(image, SourceImage):
            image = read_one(image)
        height, width = image.pixels.shape[:2]
        boxes = check_boxes(boxes, width, height)
        if len(boxes) == 0:
            raise ValueError("there is no box to embed")
        return image, boxes

    def embed_with_scenes(
        self, image: Source | SourceImage, boxes: Sequence[Sequence[float]] | np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Embed people, and what they, in this scene, ask of other scenes.

        Args:
            image: As of ``embed``.
            boxes: As of ``embed``.

        Returns:
            (M, D) as ``embed``, and (M, 3 S + 2) float32 for a ``SceneFilter``.

        Raises:
            InputError: The model has no gallery filter network.
        """
        raise self._no_filter()

    def only_scenes(
        self, scenes: SceneFilter, mean: bool = True
    ) -> AbstractContextManager[SceneCounts]:
        """Within it, look for people in scenes alone that can hold the person.

        A scene below the filter's threshold gives nobody. What is detected then serves
        the search of this person alone.

        Args:
            scenes: What is asked, with its threshold.
            mean: As of ``passing_scenes``: False where the search is to ``combine`` by
                ``max``.

        Returns:
            A context, which gives counts.

        Raises:
            InputError: The model has no gallery filter network.
        """
        raise self._no_filter()

    def _no_filter(self) -> InputError:
        return InputError(
            "the scene filter needs a model with a gallery filter network (such as "
            f"those of configs/gfn), which {self.fingerprint} is not"
        )

    def embed_crop(self, crop: Source | SourceImage) -> np.ndarray:
        """Embed a picture that shows one person from edge to edge.

        The whole picture is the box. To an end-to-end model a box in its scene is the
        better query: it has seen people with their surroundings.

        Returns:
            (1, D) float32, L2-normalised.
        """
        if not isinstance(crop, SourceImage):
            crop = read_one(crop)
        height, width = crop.pixels.shape[:2]
        return self.embed(crop, [[0, 0, width, height]])

    def _detections(
        self,
        image: SourceImage,
        boxes: np.ndarray,
        scores: np.ndarray,
        embeddings: np.ndarray,
        scene: np.ndarray | None = None,
    ) -> Detections:
        height, width = image.pixels.shape[:2]
        return Detections(
            boxes=boxes,
            scores=scores,
            embeddings=normalise(embeddings),
            height=height,
            width=width,
            path=image.path,
            time=image.time,
            frame=image.frame,
            fingerprint=self.fingerprint,
            camera=image.camera,
            clock=image.clock,
            scene_embedding=scene,
        )


def _number_of_files(images: Sources) -> int | None:
    """For the progress bar; None when it cannot be known beforehand."""
    if hasattr(images, "number_of_files"):
        return images.number_of_files
    if isinstance(images, (str, os.PathLike)):
        images = [images]
    if not isinstance(images, (list, tuple)):
        return None
    try:
        return sum(
            len(list_files(image)) if isinstance(image, (str, os.PathLike)) else 1
            for image in images
        )
    except ValueError:
        return None
