"""A re-identification model as a file (ONNX, OpenVINO) that takes pictures as is."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import torch
import torch.nn.functional as F
from mmengine.config import Config
from torch import Tensor, nn

from mmpsearch.apis.config_kinds import refuse_scene_model
from mmpsearch.apis.export.writing import write_onnx, write_openvino
from mmpsearch.apis.graph_resizing import resize_plainly, resize_smoothly
from mmpsearch.apis.graphs.libraries import import_library
from mmpsearch.apis.model_loading import build_model, read_config, testing_transforms
from mmpsearch.apis.reid_inferencer import needs_modality
from mmpsearch.errors import ModelLoadError

INTERPOLATIONS = ("bilinear", "bicubic")


class EmbeddingGraph(nn.Module):
    """Pixels to embeddings in one graph: resize, normalise, embed, L2-normalise.

    Resizing is OpenCV's or Pillow's, as the test pipeline's. The values are not
    rounded: where the size changes, a pixel differs from the test pipeline's by up to
    about 0.5 of 255, and a value just between two would round differently elsewhere.

    Args:
        model: A re-identification model.
        size: (height, width) of its input.
        interpolation: ``bilinear`` or ``bicubic``.
        smooth: as Pillow.
    """

    def __init__(
        self,
        model: nn.Module,
        size: tuple[int, int],
        interpolation: str = "bilinear",
        smooth: bool = False,
    ) -> None:
        super().__init__()
        self.model, self.size, self.interpolation = model, size, interpolation
        self.resize = resize_smoothly if smooth else resize_plainly
        preprocessor = model.data_preprocessor
        self.swap = bool(preprocessor._channel_conversion)
        mean = getattr(preprocessor, "mean", torch.zeros(1, 1, 1))
        std = getattr(preprocessor, "std", torch.ones(1, 1, 1))
        self.register_buffer("mean", mean.clone())
        self.register_buffer("std", std.clone())

    def forward(self, images: Tensor) -> Tensor:
        """Embed.

        Args:
            images: (N, H, W, 3) uint8 BGR, all of one size.

        Returns:
            (N, D) float32, L2-normalised.
        """
        x = images.permute(0, 3, 1, 2).float()
        x = self.resize(x, self.size, self.interpolation)
        x = x.clamp(0, 255)  # bicubic weights overshoot
        if self.swap:
            x = x.flip(1)
        return F.normalize(self.model.extract((x - self.mean) / self.std), dim=1)


def resizing(config: Config) -> tuple[tuple[int, int], str, bool]:
    """(height, width) to which the config's test pipeline resizes, how, and whether
    by Pillow.

    Raises:
        ModelLoadError: It does not resize every picture to one size, or in another
            way than bilinear or bicubic.
    """
    sizes = [
        transform
        for transform in testing_transforms(config)
        if str(transform["type"]).rpartition(".")[2] == "Resize"
    ]
    if len(sizes) != 1 or "scale" not in sizes[0] or sizes[0].get("keep_ratio"):
        raise ModelLoadError(
            "export needs a test pipeline with one Resize to a fixed scale"
        )
    interpolation = sizes[0].get("interpolation", "bilinear")
    if interpolation not in INTERPOLATIONS:
        raise ModelLoadError(
            f"export knows {' and '.join(INTERPOLATIONS)} resizing, not "
            f"{interpolation!r}"
        )
    width, height = sizes[0]["scale"]
    return (int(height), int(width)), interpolation, sizes[0].get("backend") == "pillow"


def export_onnx(
    config: str | os.PathLike | dict | Config,
    checkpoint: str | os.PathLike | None,
    path: str | os.PathLike,
    unsafe_load: bool = False,
) -> EmbeddingGraph:
    """Write the model with its pre-processing.

    The graph's input ``images`` is (N, H, W, 3) uint8 BGR with any N, H and W, its
    output ``embeddings`` (N, D) float32, L2-normalised.

    Args:
        config: As for :class:`ReIDInferencer`.
        checkpoint: As there.
        path: File to write, ``.onnx``.
        unsafe_load: As there.

    Returns:
        The graph as a PyTorch module, for comparison.

    Raises:
        ModelLoadError: Config and checkpoint do not give a model, its test pipeline
            cannot be put into the graph, or it must know the pictures' modality.
    """
    config, name = read_config(config)
    model = build_model(config, checkpoint, 0.0, unsafe_load)
    refuse_scene_model(model, name)
    size, *resize = resizing(config)
    if needs_modality(model):
        raise ModelLoadError(
            f"{name or 'the config'} embeds RGB and infrared pictures differently, and "
            "the graph's input does not say which they are: it cannot be exported; use "
            "ReIDInferencer with a modality"
        )
    graph = EmbeddingGraph(model, size, *resize).eval()
    example = torch.randint(256, (2, size[0] + 8, size[1] + 8, 3), dtype=torch.uint8)
    free = {
        "images": {0: "batch", 1: "height", 2: "width"},
        "embeddings": {0: "batch"},
    }
    write_onnx(graph, [example], Path(path), ["images"], ["embeddings"], free)
    return graph


def export_openvino(
    config: str | os.PathLike | dict | Config,
    checkpoint: str | os.PathLike | None,
    path: str | os.PathLike,
    unsafe_load: bool = False,
) -> EmbeddingGraph:
    """Write the same graph as OpenVINO's ``.xml``, its weights ``.bin`` beside it.

    Args:
        config: As of :func:`export_onnx`.
        checkpoint: As there.
        path: File to write, ``.xml``.
        unsafe_load: As there.

    Returns:
        As there.

    Raises:
        ModelLoadError: As there, or OpenVINO is not installed (the message names the
            extra).
    """
    openvino = import_library("openvino", path)
    with tempfile.TemporaryDirectory() as folder:
        onnx = Path(folder, "graph.onnx")
        graph = export_onnx(config, checkpoint, onnx, unsafe_load)
        write_openvino(openvino.convert_model(onnx), Path(path))
    return graph
