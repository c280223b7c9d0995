"""Which places of a picture make a convolutional network's embedding."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.apis.reid_inferencer import ReIDInferencer
from mmpsearch.errors import InputError
from mmpsearch.structures.reid_sample import MODALITIES

MISSING = "heat maps need grad-cam: pip install 'mmpsearch[heatmaps]'"


def heat_maps(
    inferencer: ReIDInferencer,
    images: Sequence[SourceImage],
    query: SourceImage | None = None,
    modality: str | None = None,
    query_modality: str | None = None,
) -> np.ndarray:
    """Grad-CAM (Selvaraju et al., ICCV 2017) of the backbone's last maps.

    What is explained is the product of a picture's embedding with the query's, which
    says where the picture is like the query; without a query, with its own, which says
    where its embedding comes from.

    Args:
        inferencer: of a convolutional network.
        images: pictures of one person each.
        query: who is looked for.
        modality: of the pictures, see :class:`ReIDInferencer`.
        query_modality: of the query; None: as the pictures.

    Returns:
        (N, height, width) float32 in the size of the network's input, each from 0 to
        1; a map's zeros are places that do not speak for it.

    Raises:
        InputError: grad-cam is not installed, or the backbone makes no maps.
    """
    grad_cam = _library()
    model = inferencer.model
    inputs = torch.cat([_input(inferencer, image, modality) for image in images])
    embedder = _Embedder(model, modality)
    with torch.no_grad():
        if query is None:
            wanted = embedder(inputs)
        else:
            other = _Embedder(model, query_modality or modality)
            one = other(_input(inferencer, query, query_modality or modality))
            wanted = one.expand(len(inputs), -1)
    targets = [partial(_product, F.normalize(row, dim=0)) for row in wanted]
    with grad_cam(
        model=embedder, target_layers=[_last_maps(model.backbone, embedder, inputs)]
    ) as cam:
        return np.asarray(cam(input_tensor=inputs.requires_grad_(), targets=targets))


def fit_map(values: np.ndarray, image: np.ndarray) -> np.ndarray:
    """A map in the size of its picture.

    Args:
        values: (height, width) of :func:`heat_maps`.
        image: (H, W, 3), the picture as it was read.

    Returns:
        (H, W) float32.
    """
    return cv2.resize(values, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)


class _Embedder(nn.Module):
    """The model as a function of the picture alone."""

    def __init__(self, model: nn.Module, modality: str | None) -> None:
        super().__init__()
        self.model, self.place = model, MODALITIES.index(modality or "rgb")

    def forward(self, inputs: Tensor) -> Tensor:
        """``(B, 3, H, W)`` to embeddings ``(B, D)``."""
        count = (len(inputs),)
        cameras = torch.full(count, -1, device=inputs.device)
        modalities = torch.full(count, self.place, device=inputs.device)
        return self.model.extract(inputs, cameras, modalities)


def _product(direction: Tensor, embedding: Tensor) -> Tensor:
    return embedding @ direction


def _input(
    inferencer: ReIDInferencer, image: SourceImage, modality: str | None
) -> Tensor:
    """``(1, 3, H, W)``, normalised."""
    inferencer._check_modality(modality)
    batch = inferencer._collate([inferencer._prepare(image, modality)])
    return inferencer.model.data_preprocessor(batch, False)["inputs"]


def _last_maps(backbone: nn.Module, embedder: nn.Module, inputs: Tensor) -> nn.Module:
    """The last module of a backbone that gives maps ``(B, C, h, w)``.

    Raises:
        InputError: there is none, as in a vision transformer.
    """
    makers: list[nn.Module] = []

    def note(module: nn.Module, _: tuple, output: object) -> None:
        if isinstance(output, Tensor) and output.dim() == 4 and output.shape[2] > 1:
            makers.append(module)

    parts = [module for module in backbone.modules() if module is not backbone]
    handles = [module.register_forward_hook(note) for module in parts]
    try:
        with torch.no_grad():
            embedder(inputs[:1])
    finally:
        for handle in handles:
            handle.remove()
    if not makers or hasattr(backbone, "last_attention"):
        raise InputError(
            f"heat maps need a convolutional network; {type(backbone).__name__} is "
            "none: tools/analysis_tools/attention_maps.py shows where a transformer "
            "looks"
        )
    return makers[-1]


def _library():
    try:
        from pytorch_grad_cam import GradCAM
    except ImportError as error:
        raise InputError(MISSING) from error
    return GradCAM
