"""Any detector of MMDetection, or of a project built on it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.registry import DefaultScope

from mmpsearch.apis.config_kinds import require_detector
from mmpsearch.apis.detectors.detector import Detector, FoundPeople, as_found
from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.apis.model_loading import (
    choose_device,
    fingerprint,
    load_weights,
    put_on,
    read_config,
)
from mmpsearch.errors import CheckpointError, ModelLoadError
from mmpsearch.utils.checkpoint import load_checkpoint


class MMDetDetector(Detector):
    """A detector of which only one class is wanted.

    Args:
        config: Of MMDetection or of a project that builds on it; a path, a ``Config``,
            or one of the names that MMDetection ships (``yolox/yolox_tiny_8x8_….py``,
            with ``mmdet::`` before it or not).
        checkpoint: File with all of the detector's weights.
        class_name: Whom to keep.
        device: Such as ``'cuda:1'``; None: the GPU when there is one.
        unsafe_load: Unpickle whatever the checkpoint holds, which can run any code.

    Raises:
        ModelLoadError: Config or checkpoint do not give a working detector, or it
            knows no such class.
    """

    score_threshold = 0.5

    def __init__(
        self,
        config: str | os.PathLike | Config,
        checkpoint: str | os.PathLike,
        class_name: str = "person",
        device: str | torch.device | None = None,
        unsafe_load: bool = False,
    ) -> None:
        config, name = read_config(find_config(config))
        self.scope = config.get("default_scope", "mmdet")
        device = choose_device(device)
        with DefaultScope.overwrite_default_scope(self.scope):
            self.model = _build(config, name)
            require_detector(self.model, name)
            load_weights(self.model, checkpoint, unsafe_load)
            self.pipeline = _pipeline(config, name)
        self.name = Path(checkpoint).name
        self.digest = fingerprint(self.model, name, checkpoint).sha256
        self.model = put_on(device, self.model)
        classes = _classes(config, checkpoint, unsafe_load)
        if class_name not in classes:
            some = ", ".join(classes[:8]) + (", ..." if len(classes) > 8 else "")
            raise ModelLoadError(
                f"the detector {name} knows no class {class_name!r}; it knows {some}"
            )
        self.label = classes.index(class_name)

    @torch.inference_mode()
    def __call__(
        self, images: Sequence[SourceImage], score_threshold: float
    ) -> list[FoundPeople]:
        """See the base class."""
        with DefaultScope.overwrite_default_scope(self.scope):
            data = [self.pipeline({"img": one.pixels, "img_id": 0}) for one in images]
            batch = {
                key: [one[key] for one in data] for key in ("inputs", "data_samples")
            }
            samples = self.model.test_step(batch)
        people = []
        for image, sample in zip(images, samples, strict=True):
            found = sample.pred_instances
            wanted = found.labels == self.label
            boxes, scores = (
                values[wanted].float().cpu().numpy()
                for values in (found.bboxes, found.scores)
            )
            size = image.pixels.shape[:2]
            people.append(as_found(boxes, scores, size, score_threshold))
        return people


def find_config(config: str | os.PathLike | Config) -> str | os.PathLike | Config:
    """A config's path, also where only the name of a config of MMDetection is given."""
    import mmdet

    if isinstance(config, (str, os.PathLike)) and not os.path.isfile(config):
        name = os.fspath(config).removeprefix("mmdet::")
        shipped = Path(mmdet.__file__).parent / ".mim" / "configs" / name
        if shipped.is_file():
            return shipped
    return config


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
