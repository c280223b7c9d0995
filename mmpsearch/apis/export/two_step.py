"""A detector and an embedder as two files, which are searched with together."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from mmpsearch.apis.detectors import GraphDetector, TorchvisionDetector
from mmpsearch.apis.detectors.torchvision_detector import PREFIX
from mmpsearch.apis.embedders import GraphEmbedder
from mmpsearch.apis.export.finishing import check_target, finish
from mmpsearch.apis.export.reid import export_onnx
from mmpsearch.apis.export.writing import write_onnx
from mmpsearch.apis.graphs import Graph
from mmpsearch.apis.two_step_inferencer import TwoStepInferencer
from mmpsearch.errors import ModelLoadError

EXAMPLE = (240, 200)  # height and width that a detector is traced with
CONFIDENT = 0.3  # people on whom an eight-bit embedder is calibrated


class TorchvisionGraph(nn.Module):
    """A detection model of torchvision that takes one picture.

    Args:
        model: in eval mode.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Args: image ``(1, 3, h, w)`` float32, RGB 0..1.

        Returns:
            Boxes ``(K, 4)`` xyxy in its pixels, scores ``(K,)``, labels ``(K,)`` int64.
        """
        (found,) = self.model([image[0]])
        return found["boxes"], found["scores"], found["labels"]


def export_two_step(
    folder: str | os.PathLike,
    detector: str,
    embedder: str,
    detector_checkpoint: str | os.PathLike | None = None,
    embedder_checkpoint: str | os.PathLike | None = None,
    suffix: str = ".onnx",
    precision: str = "fp32",
    calibration: Sequence[np.ndarray] = (),
    unsafe_load: bool = False,
) -> tuple[Path, Path]:
    """Write ``detector`` and ``embedder`` with the suffix into a folder.

    Args:
        folder: is made where it is missing.
        detector: ``torchvision:NAME``, or an ``.onnx`` file of a network whose
            pictures are prepared as its yaml says, which goes along.
        embedder: a re-identification config, or an ``.onnx`` file, likewise.
        detector_checkpoint: weights of torchvision's; None: they are downloaded.
        embedder_checkpoint: weights of the config.
        suffix: ``.onnx`` or ``.xml``.
        precision: as of :func:`export_search`, of both.
        calibration: as there; the embedder's are the people found in them.
        unsafe_load: unpickle whatever the checkpoints hold, which can run any code.

    Returns:
        The two files: ``load_inferencer(detector=..., embedder=...)`` takes them.

    Raises:
        ModelLoadError: a part is of a kind that is not exported, or as of
            :func:`export_search`.
    """
    targets = tuple(Path(folder, name + suffix) for name in ("detector", "embedder"))
    for target in targets:
        check_target(target, precision, calibration)
    with tempfile.TemporaryDirectory() as work:
        traced = tuple(Path(work, name) for name in ("detector.onnx", "embedder.onnx"))
        _trace_detector(detector, detector_checkpoint, traced[0], unsafe_load)
        _trace_embedder(embedder, embedder_checkpoint, traced[1], unsafe_load)
        fed = _fed(*traced, calibration) if precision == "int8" else [[], []]
        for source, target, inputs in zip(traced, targets, fed, strict=True):
            finish(source, target, precision, inputs, {})
            settings = source.with_suffix(".yaml")
            if settings.exists():
                shutil.copyfile(settings, target.with_suffix(".yaml"))
    return targets


def _trace_detector(
    detector: str, checkpoint: str | os.PathLike | None, path: Path, unsafe: bool
) -> None:
    if detector.startswith(PREFIX):
        model = TorchvisionDetector(detector, checkpoint, "cpu", unsafe).model
        free = {"image": {2: "height", 3: "width"}}
        free |= {name: {0: "num_boxes"} for name in ("boxes", "scores", "labels")}
        graph = TorchvisionGraph(model).eval()
        example = [torch.rand(1, 3, *EXAMPLE)]
        outputs = ["boxes", "scores", "labels"]
        write_onnx(graph, example, path, ["image"], outputs, free)
        return
    _take_over(
        detector,
        path,
        "a detector is torchvision:NAME or an .onnx file; MMDetection's are exported "
        "by MMDeploy",
    )


def _trace_embedder(
    embedder: str, checkpoint: str | os.PathLike | None, path: Path, unsafe: bool
) -> None:
    if Path(embedder).suffix == ".py":
        export_onnx(embedder, checkpoint, path, unsafe)
        return
    _take_over(embedder, path, "an embedder is a re-ID config (.py) or an .onnx file")


def _take_over(name: str, path: Path, kinds: str) -> None:
    """A network that is exported already, with its settings."""
    source = Path(name)
    if source.suffix != ".onnx":
        raise ModelLoadError(f"{name}: {kinds}")
    if not source.is_file():
        raise ModelLoadError(f"there is no file {name}")
    shutil.copyfile(source, path)
    if source.with_suffix(".yaml").is_file():
        shutil.copyfile(source.with_suffix(".yaml"), path.with_suffix(".yaml"))


def _fed(
    detector: Path, embedder: Path, pictures: Sequence[np.ndarray]
) -> list[list[np.ndarray]]:
    """What detector and embedder are given when the pictures are searched.

    Raises:
        ModelLoadError: nobody is found in them.
    """
    parts = GraphDetector(detector), GraphEmbedder(embedder)
    inferencer = TwoStepInferencer(*parts, score_threshold=CONFIDENT)
    listeners = [_Listener(part.graph) for part in parts]
    for part, listener in zip(parts, listeners, strict=True):
        part.graph = listener
    inferencer.detect(list(pictures))
    if not listeners[1].heard:
        raise ModelLoadError(
            "int8: the detector finds nobody in the --calibration pictures; give "
            "pictures with people, such as will be searched"
        )
    return [listener.heard for listener in listeners]


class _Listener:
    """A graph that keeps what it is given."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.heard: list[np.ndarray] = []

    def __getattr__(self, name: str):
        return getattr(self._graph, name)

    def __call__(self, array: np.ndarray) -> dict[str, np.ndarray]:
        self.heard.append(array)
        return self._graph(array)

    def run_batch(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        self.heard.append(batch)
        return self._graph.run_batch(batch)
