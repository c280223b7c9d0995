"""torchvision's detection models, by their names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torchvision

from mmpsearch.apis.detectors.detector import Detector, FoundPeople, as_found
from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.apis.model_loading import (
    choose_device,
    fingerprint,
    load_weights,
    put_on,
)
from mmpsearch.errors import ModelLoadError

PREFIX = "torchvision:"
PERSON = 1  # of the COCO classes with a background, as all of them have


class TorchvisionDetector(Detector):
    """A detection model of torchvision with weights for COCO's 91 classes.

    Args:
        name: Such as ``ssdlite320_mobilenet_v3_large``, with or without the prefix
            ``torchvision:``.
        checkpoint: File with its weights. None: torchvision's own, downloaded into
            ``torch.hub``'s cache.
        device: Such as ``'cuda:1'``; None: the GPU when there is one.
        unsafe_load: Unpickle whatever the checkpoint holds, which can run any code.

    Raises:
        ModelLoadError: There is no such model, or the weights do not fit or cannot be
            downloaded.
    """

    score_threshold = 0.5

    def __init__(
        self,
        name: str,
        checkpoint: str | os.PathLike | None = None,
        device: str | torch.device | None = None,
        unsafe_load: bool = False,
    ) -> None:
        name = name.removeprefix(PREFIX)
        module = torchvision.models.detection
        known = torchvision.models.list_models(module=module)
        known = [one for one in known if not one.startswith(("mask", "keypoint"))]
        if name not in known:
            raise ModelLoadError(
                f"torchvision has no detection model {name!r}; it has "
                f"{', '.join(known)}"
            )
        device = choose_device(device)
        if checkpoint is None:
            try:
                model = torchvision.models.get_model(name, weights="DEFAULT")
            except OSError as error:
                raise ModelLoadError(
                    f"torchvision's weights of {name} cannot be downloaded ({error}); "
                    "download them elsewhere and give the file as checkpoint"
                ) from error
        else:
            model = torchvision.models.get_model(
                name, weights=None, weights_backbone=None
            )
            load_weights(model, checkpoint, unsafe_load)
        self.name = Path(checkpoint).name if checkpoint else name
        self.digest = fingerprint(model, name, checkpoint).sha256
        self.model, self.device = put_on(device, model), device

    @torch.inference_mode()
    def __call__(
        self, images: Sequence[SourceImage], score_threshold: float
    ) -> list[FoundPeople]:
        """See the base class."""
        pictures = [
            torch.from_numpy(np.ascontiguousarray(image.pixels[:, :, ::-1]))
            .permute(2, 0, 1)
            .to(self.device)
            .float()
            .div(255)
            for image in images
        ]
        people = []
        for image, found in zip(images, self.model(pictures), strict=True):
            wanted = found["labels"] == PERSON
            boxes, scores = (
                found[key][wanted].float().cpu().numpy() for key in ("boxes", "scores")
            )
            size = image.pixels.shape[:2]
            people.append(as_found(boxes, scores, size, score_threshold))
        return people
