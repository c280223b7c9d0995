"""Person boxes from any MMDetection detector, to pre-train on."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.registry import DefaultScope
from torch import Tensor

from mmpsearch.apis.config_kinds import require_detector
from mmpsearch.apis.model_loading import choose_device, load_weights, read_config
from mmpsearch.errors import CheckpointError, ModelLoadError
from mmpsearch.utils.checkpoint import load_checkpoint


class PersonLabeller:
    """A detector of which only one class and the confident boxes are wanted.

    Args:
        config: of MMDetection or of a project that builds on it.
        checkpoint: file with all of the detector's weights.
        class_name: whom to keep.
        score_threshold: smallest score of a box.
        min_size: smallest width and height of a box, pixels.
        device: such as ``'cuda:1'``; None: the GPU when there is one.
        unsafe_load: unpickle whatever the checkpoint holds, which can run any code.

    Raises:
        ModelLoadError: config or checkpoint do not give a working detector, or it
            knows no such class.
    """

    def __init__(
        self,
        config: str | os.PathLike | Config,
        checkpoint: str | os.PathLike,
        class_name: str = "person",
        score_threshold: float = 0.5,
        min_size: float = 8.0,
        device: str | None = None,
        unsafe_load: bool = False,
    ) -> None:
        config, name = read_config(config)
        self.scope = config.get("default_scope", "mmdet")
        device = choose_device(device)
        with DefaultScope.overwrite_default_scope(self.scope):
            self.model = _build(config, name)
            require_detector(self.model, name)
            load_weights(self.model, checkpoint, unsafe_load)
            self.pipeline = _pipeline(config, name)
        self.model = self.model.to(device).eval()
        classes = _classes(config, checkpoint, unsafe_load)
        if class_name not in classes:
            some = ", ".join(classes[:8]) + (", ..." if len(classes) > 8 else "")
            raise ModelLoadError(
                f"the detector {name} knows no class {class_name!r}; it knows {some}"
            )
        self.label = classes.index(class_name)
        self.score_threshold, self.min_size = score_threshold, min_size

    @torch.inference_mode()
    def __call__(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the people of one picture.

        Args:
            image: (H, W, 3) uint8, BGR.

        Returns:
            Boxes (N, 4) float32 xyxy in pixels, cut at the picture's border, and
            scores (N,) float32, best first.
        """
        with DefaultScope.overwrite_default_scope(self.scope):
            data = self.pipeline({"img": image, "img_id": 0})
            batch = {key: [data[key]] for key in ("inputs", "data_samples")}
            found = self.model.test_step(batch)[0].pred_instances
        boxes, scores = persons(
            found.bboxes.float(), found.scores.float(), found.labels == self.label
        )
        return self._wanted(boxes, scores, image.shape[:2])

    def _wanted(
        self, boxes: Tensor, scores: Tensor, size: tuple[int, int]
    ) -> tuple[np.ndarray, np.ndarray]:
        boxes, scores = boxes.cpu().numpy(), scores.cpu().numpy()
        height, width = size
        boxes = boxes.clip(0, [width, height, width, height]).astype(np.float32)
        large = (boxes[:, 2:] - boxes[:, :2] >= self.min_size).all(axis=1)
        kept = large & (scores >= self.score_threshold)
        return boxes[kept], scores[kept]


def persons(boxes: Tensor, scores: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """The wanted detections, best first.

    Args:
        boxes: ``(N, 4)``.
        scores: ``(N,)``.
        wanted: ``(N,)`` bool.

    Returns:
        Boxes ``(K, 4)`` and scores ``(K,)``, descending.
    """
    boxes, scores = boxes[wanted], scores[wanted]
    order = scores.argsort(descending=True, stable=True)
    return boxes[order], scores[order]


def _build(config: Config, name: str) -> torch.nn.Module:
    from mmdet.registry import MODELS

    try:
        return MODELS.build(config.model)
    except (KeyError, TypeError, ImportError, AttributeError) as error:
        reason = error.args[0] if error.args else type(error).__name__
        raise ModelLoadError(
            f"the model of {name} cannot be built: {reason}"
        ) from error


def _pipeline(config: Config, name: str) -> Compose:
    """The test pipeline, which takes pixels in place of a path."""
    from mmdet.utils import get_test_pipeline_cfg

    try:
        loading, *later = get_test_pipeline_cfg(config.copy())
    except (AttributeError, KeyError, RuntimeError, ValueError):
        raise ModelLoadError(
            f"the config {name} has no test_dataloader.dataset.pipeline"
        ) from None
    loading["type"] = "mmdet.LoadImageFromNDArray"
    return Compose([loading, *later])


def _classes(config: Config, checkpoint: str | os.PathLike, unsafe: bool) -> list[str]:
    """Names in the order of the detector's labels: checkpoint, config, data set."""
    from mmdet.registry import DATASETS

    try:
        meta = load_checkpoint(Path(checkpoint), unsafe=unsafe).get("meta") or {}
    except CheckpointError as error:
        raise ModelLoadError(str(error)) from error
    meta = meta.get("dataset_meta") or meta
    dataset = config.test_dataloader.dataset
    stock = DATASETS.get(dataset.get("type", "CocoDataset"))
    for source in (meta, dataset.get("metainfo") or {}, getattr(stock, "METAINFO", {})):
        for key in ("classes", "CLASSES"):
            if source.get(key):
                names = source[key]
                return [names] if isinstance(names, str) else list(names)
    raise ModelLoadError(
        "neither checkpoint nor config names the detector's classes; add "
        "test_dataloader.dataset.metainfo.classes to the config"
    )
