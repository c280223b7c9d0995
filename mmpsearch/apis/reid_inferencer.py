"""Embed, compare and rank pictures that show one person each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import islice

import numpy as np
import torch
from mmengine.config import Config

from mmpsearch.models.backbones import VisionTransformer

from .crop_ranking import CropRanking, EmbeddedCrops, rank_crops
from .detections import normalise
from .errors import InputError
from .image_reading import ImageReadError
from .image_sources import Source, SourceImage, Sources, iter_images, read_one
from .model_loading import (
    build_model,
    build_pipeline,
    choose_device,
    fingerprint,
    read_config,
)
from .reading_report import ReadingReport


class ReIDInferencer:
    """A re-identification model with the way to it from any picture.

    Args:
        config: Config file, dict or ``Config``; its ``model`` and test pipeline are
            used.
        checkpoint: Weights, loaded without unpickling code. None: random weights,
            with a warning.
        device: ``cpu``, ``cuda``, ``cuda:1``, …; None: the GPU when there is one.
        batch_size: Pictures per forward pass.
        half: Run in half precision (float16 on a GPU, bfloat16 on the CPU).
        unsafe_load: Unpickle whatever the checkpoint holds, which can run any code.

    Attributes:
        fingerprint: Names and digest of the weights.

    Raises:
        ModelLoadError: Config and checkpoint do not give a working model.
        InputError: The device cannot be used.

    Example:
        >>> inferencer = ReIDInferencer("configs/reid/…/x.py", "epoch_120.pth")
        >>> embeddings = inferencer("crops/")  # (N, D), L2-normalised
        >>> inferencer.compare("a.jpg", "b.jpg")  # cosine similarity
        >>> (ranking,) = inferencer.rank("a.jpg", "crops/")
    """

    def __init__(
        self,
        config: str | os.PathLike | dict | Config,
        checkpoint: str | os.PathLike | None = None,
        device: str | torch.device | None = None,
        batch_size: int = 32,
        half: bool = False,
        unsafe_load: bool = False,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        self.device = choose_device(device)
        self.batch_size, self.half = batch_size, half
        config, name = read_config(config)
        self._pipeline = build_pipeline(config)
        model = build_model(config, checkpoint, 0.0, unsafe_load)
        self.fingerprint = fingerprint(model, name, checkpoint)
        self.model = model.to(self.device)

    def __call__(self, images: Sources, frame_step: int = 1) -> np.ndarray:
        """Embed pictures.

        Args:
            images: A picture (path, or array in BGR order), a folder, a video, or a
                list of them.
            frame_step: Of a video every ``frame_step``-th frame is read.

        Returns:
            (N, D) float32, L2-normalised, in the order of reading; (0, 0) for none.

        Raises:
            ImageReadError: A picture cannot be read.
        """
        return self.embed(images, frame_step).embeddings

    def embed(
        self,
        images: Sources,
        frame_step: int = 1,
        report: ReadingReport | None = None,
    ) -> EmbeddedCrops:
        """As calling, together with the pictures.

        Args:
            images: As in calling.
            frame_step: As in calling.
            report: Collects what cannot be read. None: the error is raised.
        """
        strict = report is None
        report = ReadingReport() if report is None else report

        def skip(error: ImageReadError) -> None:
            report.unreadable.append(error)

        stream = iter_images(images, frame_step, None if strict else skip)
        pictures, rows = [], []
        while batch := list(islice(stream, self.batch_size)):
            pictures += batch
            rows += self._embed_batch(batch)
        report.images += len(pictures)
        report.people += len(pictures)
        embeddings = np.stack(rows) if rows else np.empty((0, 0), np.float32)
        return EmbeddedCrops(pictures, embeddings)

    def compare(self, first: Source, second: Source) -> float:
        """Cosine similarity of two pictures, -1..1.

        Raises:
            ImageReadError: A picture cannot be read.
        """
        one, other = self._embed_batch([read_one(first), read_one(second)])
        return float(one @ other)

    def rank(
        self,
        query: Sources | EmbeddedCrops,
        gallery: Sources | EmbeddedCrops,
        top_k: int | None = 10,
        threshold: float | None = None,
        query_ids: Sequence[int] | None = None,
        gallery_ids: Sequence[int] | None = None,
    ) -> list[CropRanking]:
        """Rank the gallery for every query.

        Args:
            query: Pictures, or what ``embed`` gave.
            gallery: Pictures, or what ``embed`` gave (embed a gallery once, then
                search it often).
            top_k: Largest number of matches; None for all.
            threshold: Smallest similarity of a match; None for none.
            query_ids: Who the queries show, to judge the matches.
            gallery_ids: Who the gallery shows.

        Returns:
            One ranking per query; ``save_crop_report`` draws them.

        Raises:
            ImageReadError: A picture cannot be read.
            InputError: There are no queries, or no gallery.
        """
        query, gallery = (
            each if isinstance(each, EmbeddedCrops) else self.embed(each)
            for each in (query, gallery)
        )
        if not len(query):
            raise InputError("there is no query: no picture that can be read")
        return rank_crops(query, gallery, top_k, threshold, query_ids, gallery_ids)

    @torch.inference_mode()
    def attention(self, image: Source) -> np.ndarray:
        """Where a vision transformer's class token looks, in its last block.

        Returns:
            (heads, rows, columns) float32, the share of attention on every patch;
            each head sums to at most 1, the rest is on the class token itself.

        Raises:
            InputError: The model's backbone is no vision transformer.
        """
        backbone = self.model.backbone
        if not isinstance(backbone, VisionTransformer):
            raise InputError(
                "attention maps need a vision transformer; the model's backbone is a "
                f"{type(backbone).__name__}"
            )
        batch = self._collate([self._prepare(read_one(image))])
        inputs = self.model.data_preprocessor(batch, False)["inputs"]
        unknown = torch.full((1,), -1, device=inputs.device)
        weights = backbone.last_attention(inputs, unknown)[0, :, 0, 1:]
        grid = backbone.patch_embed.grid(*inputs.shape[2:])
        return weights.unflatten(1, grid).float().cpu().numpy()

    @torch.inference_mode()
    def _embed_batch(self, batch: Sequence[SourceImage]) -> Iterator[np.ndarray]:
        """(D,) float32 of every picture, L2-normalised."""
        packed = self._collate([self._prepare(image) for image in batch])
        with self._precision():
            samples = self.model.test_step(packed)
        rows = torch.stack([sample.embedding for sample in samples])
        return iter(normalise(rows.float().cpu().numpy()))

    @staticmethod
    def _collate(packed: list[dict]) -> dict[str, list]:
        return {key: [one[key] for one in packed] for key in packed[0]}

    def _prepare(self, image: SourceImage) -> dict:
        """Run the test pipeline."""
        shape = image.pixels.shape[:2]
        return self._pipeline(
            {
                "img": image.pixels,
                "img_path": image.path,
                "img_id": 0,
                "person_id": -1,
                "camera_id": -1,
                "img_shape": shape,
                "ori_shape": shape,
                "scale_factor": (1.0, 1.0),
                "flip": False,
            }
        )

    def _precision(self) -> AbstractContextManager:
        if not self.half:
            return nullcontext()
        dtype = torch.bfloat16 if self.device.type == "cpu" else torch.float16
        return torch.autocast(self.device.type, dtype)
