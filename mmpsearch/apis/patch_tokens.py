"""A vision transformer from any checkpoint, and what it makes of pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice

import cv2
import numpy as np
import torch
from torch import Tensor

from mmpsearch.apis.image_sources import SourceImage, Sources, iter_images
from mmpsearch.apis.model_loading import choose_device
from mmpsearch.apis.reading_report import ReadingReport
from mmpsearch.errors import InputError
from mmpsearch.models.backbones import VisionTransformer
from mmpsearch.models.backbones.vision_transformer import ARCHITECTURES
from mmpsearch.models.converters.self_supervised import (
    convert_self_supervised,
    plain_vit,
)
from mmpsearch.models.heads import PrototypeHead
from mmpsearch.models.layers.position_embedding import infer_grid
from mmpsearch.models.selfsup.views_preprocessor import IMAGENET_MEAN, IMAGENET_STD
from mmpsearch.utils.checkpoint import load_checkpoint

HEADS = {width: heads for width, _, heads in ARCHITECTURES.values()}


class PatchTokens:
    """A transformer with the way to it from any picture.

    Reads pre-trainings (ours, PersonViT's, iBOT's, DINO's: the teacher), fine-tuned
    re-identification models and plain ViT weights. The architecture is found in the
    weights; only the number of attention heads is not there.

    Args:
        checkpoint: File, loaded without unpickling code.
        heads: Attention heads; None: those of ViT-Ti, S or B by the width.
        mean: Of RGB on the scale 0..255. Default: ImageNet's, as in pre-training;
            fine-tuned PersonViT models have 127.5, and so for ``std``.
        std: Of RGB.
        device: ``cpu``, ``cuda``, ...; None: the GPU when there is one.
        batch_size: Pictures per forward pass.

    Attributes:
        image_size: (height, width) that pictures are scaled to.
        grid: (rows, columns) of patches.
        patch: Side of a patch in the scaled picture.

    Raises:
        InputError: The checkpoint has no transformer, or ``heads`` is needed or does
            not divide its width.
        CheckpointError: It cannot be read.
    """

    def __init__(
        self,
        checkpoint: str | os.PathLike,
        heads: int | None = None,
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
        device: str | None = None,
        batch_size: int = 32,
    ) -> None:
        content = load_checkpoint(checkpoint)
        self.device, self.batch_size = choose_device(device), batch_size
        try:
            self.backbone = _build_backbone(plain_vit(content)[0], heads)
        except ValueError as error:
            raise InputError(f"{checkpoint}: {error}") from None
        self.backbone.to(self.device).eval().requires_grad_(False)
        self._head_source, self._checkpoint = content, checkpoint
        self.grid, self.patch = self.backbone.grid, self.backbone.patch_embed.patch_size
        self.image_size = tuple(side * self.patch for side in self.grid)
        self._norm = [np.array(values, np.float32) for values in (mean, std)]

    def head(self) -> PrototypeHead:
        """The teacher's projection head.

        Raises:
            InputError: The checkpoint has none.
        """
        content = self._head_source
        if isinstance(content.get("teacher"), dict):
            content = convert_self_supervised(content)[0]
        state = content.get("state_dict", content)
        prefix = "teacher.head."
        state = {
            key.removeprefix(prefix): value
            for key, value in state.items()
            if key.startswith(prefix)
        }
        if not state:
            raise InputError(
                f"{self._checkpoint}: has no projection head (teacher.head.*); "
                "give the checkpoint of the pre-training"
            )
        head = PrototypeHead(
            in_channels=state["mlp.0.weight"].shape[1],
            prototypes=len(state["last_layer.weight_v"]),
            patch_prototypes=len(state["last_layer2.weight_v"]),
            hidden=len(state["mlp.0.weight"]),
            bottleneck=len(state["mlp.4.weight"]),
            shared=False,
        )
        head.load_state_dict(state)
        return head.to(self.device).eval().requires_grad_(False)

    def scaled(self, picture: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 BGR at ``image_size``."""
        return cv2.resize(
            picture, self.image_size[::-1], interpolation=cv2.INTER_LINEAR
        )

    def inputs(self, pictures: Sequence[np.ndarray]) -> Tensor:
        """Normalised ``(B, 3, H, W)`` of BGR pictures of any size."""
        mean, std = self._norm
        rows = [(self.scaled(p)[..., ::-1] - mean) / std for p in pictures]
        batch = np.stack(rows).transpose(0, 3, 1, 2)
        return torch.from_numpy(np.ascontiguousarray(batch)).to(self.device)

    @torch.inference_mode()
    def tokens(self, pictures: Sequence[np.ndarray]) -> Tensor:
        """``(B, 1 + P, C)``, normalised by the last layer norm, class token first."""
        return self.backbone(self.inputs(pictures))[0]

    @torch.inference_mode()
    def attention(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """(B, heads, rows, columns) of the class token in the last block."""
        weights = self.backbone.last_attention(self.inputs(pictures))[:, :, 0, 1:]
        return weights.unflatten(2, self.grid).cpu().numpy()

    def batches(
        self,
        sources: Sources,
        number: int | None = None,
        report: ReadingReport | None = None,
    ) -> Iterator[list[SourceImage]]:
        """The pictures of a folder or list, in batches.

        Args:
            sources: As of :func:`iter_images`.
            number: At most so many pictures.
            report: Collects what cannot be read, which is left out. None: the error is
                raised.

        Raises:
            ImageReadError: A picture cannot be read and there is no report, or nothing
                at all can be read.
        """
        on_error = None if report is None else report.unreadable.append
        stream = islice(iter_images(sources, on_error=on_error), number)
        empty = True
        while batch := list(islice(stream, self.batch_size)):
            empty = False
            if report is not None:
                report.images += len(batch)
                report.people += len(batch)  # a crop shows one person
            yield batch
        if empty and report is not None and report.unreadable:
            raise report.unreadable[0]


def _build_backbone(state: dict[str, Tensor], heads: int | None) -> VisionTransformer:
    width, tokens = state["cls_token"].shape[-1], state["pos_embed"].shape[1] - 1
    depth = 1 + max(int(k.split(".")[1]) for k in state if k.startswith("blocks."))
    heads = HEADS.get(width) if heads is None else heads
    if heads is None:
        raise ValueError(
            f"a transformer of width {width} is none of ViT-Ti, S and B; give the "
            "number of attention heads (--heads)"
        )
    if heads < 1 or width % heads:
        raise ValueError(
            f"{heads} attention heads do not share out the transformer's width, "
            f"{width}; give a number that divides it (--heads)"
        )
    ibn = "patch_embed.conv.0.weight" in state
    patch = 16 if ibn else state["patch_embed.proj.weight"].shape[-1]
    try:
        grid = infer_grid(tokens, 2)  # people
    except ValueError:
        grid = infer_grid(tokens, 1)  # ImageNet
    cameras = state["sie_embed"].shape[0] if "sie_embed" in state else 0
    if cameras:
        raise ValueError("has a camera embedding: use ReIDInferencer.attention")
    model = VisionTransformer(
        dict(dims=width, depth=depth, heads=heads),
        image_size=(grid[0] * patch, grid[1] * patch),
        patch_size=patch,
        stride=patch,
        stem="ibn" if ibn else "conv",
    )
    model.load_state_dict({k: v for k, v in state.items() if k in model.state_dict()})
    return model
