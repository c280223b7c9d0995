"""Find and embed the people in a user's pictures, folders and videos."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import islice

import numpy as np
import torch
from mmengine.config import Config
from rich.console import Console
from rich.progress import Progress

from mmpsearch.structures import PersonSearchSample

from .config_kinds import require_detector
from .detections import Detections, normalise
from .image_reading import ImageReadError
from .image_sources import (
    Source,
    SourceImage,
    Sources,
    iter_images,
    list_files,
    read_one,
)
from .model_loading import (
    build_model,
    build_pipeline,
    choose_device,
    fingerprint,
    read_config,
)
from .query_boxes import check_boxes
from .reading_report import ReadingReport


class PersonSearchInferencer:
    """A person-search model with the way to it from any picture.

    Args:
        config: Config file, dict or ``Config``; its ``model`` and test pipeline are
            used.
        checkpoint: Weights, loaded without unpickling code. None: random weights,
            with a warning.
        device: ``cpu``, ``cuda``, ``cuda:1``, …; None: the GPU when there is one.
        batch_size: Pictures per forward pass.
        half: Run in half precision (float16 on a GPU, bfloat16 on the CPU).
        score_threshold: Smallest detector score of a person, 0..1.
        unsafe_load: Unpickle whatever the checkpoint holds, which can run any code.

    Attributes:
        fingerprint: Names and digest of the weights.

    Raises:
        ModelLoadError: Config and checkpoint do not give a working model.
        InputError: The device cannot be used.

    Example:
        >>> inferencer = PersonSearchInferencer("configs/…/x.py", "epoch_30.pth")
        >>> for found in inferencer.detect(["street.jpg", "clip.mp4"]):
        ...     print(found.path, found.time, found.boxes, found.scores)
    """

    def __init__(
        self,
        config: str | os.PathLike | dict | Config,
        checkpoint: str | os.PathLike | None = None,
        device: str | torch.device | None = None,
        batch_size: int = 1,
        half: bool = False,
        score_threshold: float = 0.5,
        unsafe_load: bool = False,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        self.device = choose_device(device)
        self.batch_size = batch_size
        self.half = half
        self.score_threshold = score_threshold
        config, name = read_config(config)
        self._pipeline = build_pipeline(config)
        model = build_model(config, checkpoint, score_threshold, unsafe_load)
        require_detector(model, name)
        self.fingerprint = fingerprint(model, name, checkpoint)
        self.model = model.to(self.device)

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
            while batch := list(islice(stream, self.batch_size)):
                for found in self._detect_batch(batch):
                    report.images += 1
                    report.people += len(found)
                    if found.path != last_path or not found.path:
                        bar.advance(task)
                        last_path = found.path
                    yield found

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
        if not isinstance(image, SourceImage):
            image = read_one(image)
        height, width = image.pixels.shape[:2]
        boxes = check_boxes(boxes, width, height)
        if len(boxes) == 0:
            raise ValueError("there is no box to embed")
        (sample,) = self._predict([self._prepare(image, boxes)])
        embeddings = sample.query_instances.embeddings
        return normalise(embeddings.float().cpu().numpy())

    def embed_crop(self, crop: Source | SourceImage) -> np.ndarray:
        """Embed a picture that shows one person from edge to edge.

        The whole picture is the box. A box in its scene is the better query: the
        network has seen people with their surroundings.

        Returns:
            (1, D) float32, L2-normalised.
        """
        if not isinstance(crop, SourceImage):
            crop = read_one(crop)
        height, width = crop.pixels.shape[:2]
        return self.embed(crop, [[0, 0, width, height]])

    def _detect_batch(self, batch: list[SourceImage]) -> Iterator[Detections]:
        nobody = np.empty((0, 4), np.float32)
        samples = self._predict([self._prepare(image, nobody) for image in batch])
        for image, sample in zip(batch, samples, strict=True):
            boxes, scores, embeddings = (
                sample.pred_instances[field].float().cpu().numpy()  # NumPy has no bf16
                for field in ("bboxes", "scores", "embeddings")
            )
            keep = scores >= self.score_threshold
            height, width = image.pixels.shape[:2]
            yield Detections(
                boxes=boxes[keep],
                scores=scores[keep],
                embeddings=normalise(embeddings[keep]),
                height=height,
                width=width,
                path=image.path,
                time=image.time,
                frame=image.frame,
                fingerprint=self.fingerprint,
            )

    def _prepare(self, image: SourceImage, query_boxes: np.ndarray) -> dict:
        """Run the test pipeline; ``query_boxes`` (M, 4) are in original pixels."""
        height, width = image.pixels.shape[:2]
        packed = self._pipeline(
            {
                "img": image.pixels,
                "img_path": image.path,
                "img_id": 0,
                "img_key": os.path.basename(image.path),
                "camera_id": -1,
                "height": height,
                "width": width,
                "img_shape": (height, width),
                "ori_shape": (height, width),
                "scale_factor": (1.0, 1.0),
                "flip": False,
                "gt_bboxes": np.empty((0, 4), np.float32),
                "gt_person_ids": np.empty(0, np.int64),
                "gt_unique_ids": np.empty(0, np.int64),
                "query_bboxes": query_boxes.copy(),
                "query_ids": np.arange(len(query_boxes)),
            }
        )
        sample = packed["data_samples"]
        if "gt_instances" in sample:
            del sample.gt_instances  # nothing is known: nothing to embed or compare
        return packed

    @torch.inference_mode()
    def _predict(self, packed: list[dict]) -> list[PersonSearchSample]:
        batch = {key: [one[key] for one in packed] for key in packed[0]}
        with self._precision():
            return self.model.test_step(batch)

    def _precision(self) -> AbstractContextManager:
        if not self.half:
            return nullcontext()
        dtype = torch.bfloat16 if self.device.type == "cpu" else torch.float16
        return torch.autocast(self.device.type, dtype)


def _number_of_files(images: Sources) -> int | None:
    """For the progress bar; None when it cannot be known beforehand."""
    if isinstance(images, np.ndarray):
        return 1
    if isinstance(images, (str, os.PathLike)):
        images = [images]
    if not isinstance(images, Sequence):
        return None
    try:
        return sum(
            1 if isinstance(image, np.ndarray) else len(list_files(image))
            for image in images
        )
    except ValueError:
        return None
