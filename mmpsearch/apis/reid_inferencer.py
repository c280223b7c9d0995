"""Embed, compare and rank pictures that show one person each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal

import numpy as np
import torch
from mmengine.config import Config
from torch import nn

from mmpsearch.apis.config_kinds import refuse_scene_model
from mmpsearch.apis.crop_ranking import (
    CropRanking,
    EmbeddedCrops,
    rank_crops,
    shrink,
)
from mmpsearch.apis.image_sources import (
    Source,
    SourceImage,
    Sources,
    iter_images,
    read_one,
)
from mmpsearch.apis.inferencer import ModelInferencer
from mmpsearch.apis.reading_report import ReadingReport
from mmpsearch.errors import InputError
from mmpsearch.gallery.detections import normalise
from mmpsearch.models.backbones import VisionTransformer
from mmpsearch.structures.reid_sample import MODALITIES

Modality = Literal["rgb", "ir"]


def needs_modality(model: nn.Module) -> bool:
    """Whether RGB and infrared pictures take different ways through the backbone."""
    backbone = getattr(model, "backbone", None)
    return getattr(backbone, "needs_modality", False)


class ReIDInferencer(ModelInferencer):
    """A re-identification model with the way to it from any picture.

    Args:
        config: Config file, dict or ``Config``; its ``model`` and test pipeline are
            used. A name of the catalogue brings its checkpoint along.
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

    Where the model has a stem for RGB and one for infrared pictures, every method that
    embeds needs a modality, ``'rgb'`` or ``'ir'``; other models make no use of it.
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
        super().__init__(
            config,
            checkpoint,
            device=device,
            batch_size=batch_size,
            half=half,
            score_threshold=0.0,
            unsafe_load=unsafe_load,
            check=refuse_scene_model,
        )

    def __call__(
        self,
        images: Sources,
        frame_step: int = 1,
        modality: Modality | None = None,
    ) -> np.ndarray:
        """Embed pictures.

        Args:
            images: A picture (path, or array in BGR order), a folder, a video, or a
                list of them.
            frame_step: Of a video every ``frame_step``-th frame is read.
            modality: Of all the pictures.

        Returns:
            (N, D) float32, L2-normalised, in the order of reading; (0, 0) for none.

        Raises:
            ImageReadError: A picture cannot be read.
            InputError: The modality is missing or unknown.
        """
        self._check_modality(modality)
        return self._embed_stream(iter_images(images, frame_step), modality)

    def embed(
        self,
        images: Sources,
        frame_step: int = 1,
        report: ReadingReport | None = None,
        modality: Modality | None = None,
    ) -> EmbeddedCrops:
        """As calling, together with the pictures' names and thumbnails.

        Args:
            images: As in calling.
            frame_step: As in calling.
            report: Collects what cannot be read. None: the error is raised.
            modality: As in calling.

        Raises:
            ImageReadError: A picture cannot be read and there is no report.
            InputError: The modality is missing or unknown.
        """
        self._check_modality(modality)
        on_error = None if report is None else report.unreadable.append
        kept: list[SourceImage] = []

        def keep(image: SourceImage) -> SourceImage:
            kept.append(shrink(image))
            return image

        stream = map(keep, iter_images(images, frame_step, on_error))
        embeddings = self._embed_stream(stream, modality)
        if report is not None:
            report.images += len(kept)
            report.people += len(kept)
        return EmbeddedCrops(kept, embeddings)

    def compare(
        self,
        first: Source,
        second: Source,
        first_modality: Modality | None = None,
        second_modality: Modality | None = None,
    ) -> float:
        """Cosine similarity of two pictures, -1..1.

        Args:
            first: A picture.
            second: Another one.
            first_modality: Of the first.
            second_modality: Of the second.

        Raises:
            ImageReadError: A picture cannot be read.
            InputError: A modality is missing or unknown.
        """
        pairs = ((first, first_modality), (second, second_modality))
        for _, modality in pairs:
            self._check_modality(modality)
        one, other = self._embed_batch(
            [self._prepare(read_one(picture), modality) for picture, modality in pairs]
        )
        return float(one @ other)

    def rank(
        self,
        query: Sources | EmbeddedCrops,
        gallery: Sources | EmbeddedCrops,
        top_k: int | None = 10,
        threshold: float | None = None,
        query_ids: Sequence[int] | None = None,
        gallery_ids: Sequence[int] | None = None,
        query_modality: Modality | None = None,
        gallery_modality: Modality | None = None,
        include_query_image: bool = False,
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
            query_modality: Of queries that are not embedded yet.
            gallery_modality: Of a gallery that is not embedded yet.
            include_query_image: Also rank the query's own file where the gallery has
                it.

        Returns:
            One ranking per query; ``save_crop_report`` draws them.

        Raises:
            ImageReadError: A picture cannot be read.
            InputError: There are no queries, or no gallery, or a modality is missing
                or unknown.
        """
        sides = ((query, query_modality), (gallery, gallery_modality))
        for each, modality in sides:  # both before the first picture is read
            if not isinstance(each, EmbeddedCrops):
                self._check_modality(modality)
        query, gallery = (
            each
            if isinstance(each, EmbeddedCrops)
            else self.embed(each, modality=modality)
            for each, modality in sides
        )
        if not len(query):
            raise InputError("there is no query: no picture that can be read")
        return rank_crops(
            query,
            gallery,
            top_k,
            threshold,
            query_ids,
            gallery_ids,
            include_query_image,
        )

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
        batch = self._collate([self._prepare(read_one(image), None)])
        inputs = self.model.data_preprocessor(batch, False)["inputs"]
        unknown = torch.full((1,), -1, device=inputs.device)
        weights = backbone.last_attention(inputs, unknown)[0, :, 0, 1:]
        grid = backbone.patch_embed.grid(*inputs.shape[2:])
        return weights.unflatten(1, grid).float().cpu().numpy()

    def _check_modality(self, modality: str | None) -> None:
        """Raise InputError unless the model can embed pictures of this modality."""
        if modality is None and needs_modality(self.model):
            raise InputError(
                "the model embeds RGB and infrared pictures differently: say which of "
                "the two they are, modality='rgb' or 'ir' (demo/search_crops.py: "
                "--query-modality and --gallery-modality)"
            )
        if modality is not None and modality not in MODALITIES:
            raise InputError(f"modality must be 'rgb' or 'ir', not {modality!r}")

    def _embed_stream(
        self, stream: Iterable[SourceImage], modality: Modality | None
    ) -> np.ndarray:
        """(N, D) float32, L2-normalised; only one picture is held at full size."""
        packed = (self._prepare(image, modality) for image in stream)
        rows: list[np.ndarray] = []
        while batch := list(islice(packed, self.batch_size)):
            rows += self._embed_batch(batch)
        return np.stack(rows) if rows else np.empty((0, 0), np.float32)

    def _embed_batch(self, packed: Sequence[dict]) -> Iterator[np.ndarray]:
        """(D,) float32 of every prepared picture, L2-normalised."""
        rows = torch.stack([sample.embedding for sample in self._predict(packed)])
        return iter(normalise(rows.float().cpu().numpy()))

    def _prepare(self, image: SourceImage, modality: Modality | None) -> dict:
        """Run the test pipeline; ``'rgb'`` stands for a modality that is not used."""
        shape = image.pixels.shape[:2]
        return self._pipeline(
            {
                "img": image.pixels,
                "img_path": image.path,
                "img_id": 0,
                "person_id": -1,
                "camera_id": -1,
                "modality": modality or "rgb",
                "img_shape": shape,
                "ori_shape": shape,
                "scale_factor": (1.0, 1.0),
                "flip": False,
            }
        )
