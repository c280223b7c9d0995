"""Pictures as an exported person-search network takes them, and the way back."""

from __future__ import annotations

import numpy as np
import torch
from mmengine.dataset import Compose

from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.apis.packed_scene import pack_scene
from mmpsearch.apis.search_facts import SearchFacts
from mmpsearch.datasets.transforms import PackPersonSearchInputs, WindowResize


class ScenePreparation:
    """The model's test pipeline and normalisation, by what its file says.

    Args:
        facts: of the file.
    """

    def __init__(self, facts: SearchFacts) -> None:
        self._pipeline = Compose(
            [
                WindowResize(short=facts.short, long=facts.long),
                PackPersonSearchInputs(),
            ]
        )
        self._rgb = facts.rgb
        self._mean = torch.tensor(facts.mean).view(3, 1, 1)
        self._std = torch.tensor(facts.std).view(3, 1, 1)

    def __call__(
        self, image: SourceImage | np.ndarray, boxes: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Prepare one picture.

        Args:
            image: read, or (h, w, 3) uint8 BGR.
            boxes: (M, 4) xyxy in pixels of the picture; None: nobody.

        Returns:
            (1, 3, h', w') float32; boxes (M, 4) float32 in its pixels; and (4,)
            float32, its pixels per pixel of the picture, for boxes found in it.
        """
        if not isinstance(image, SourceImage):
            image = SourceImage(image)
        if boxes is None:
            boxes = np.empty((0, 4), np.float32)
        packed = pack_scene(self._pipeline, image, boxes)
        values, sample = packed["inputs"], packed["data_samples"]
        if self._rgb:
            values = values.flip(0)
        values = (values.float() - self._mean) / self._std
        scale = np.tile(np.array(sample.scale_factor, np.float64), 2)
        queries = sample.query_instances.bboxes.numpy().astype(np.float32)
        return values[None].numpy(), queries, scale.astype(np.float32)
