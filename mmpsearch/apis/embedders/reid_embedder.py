"""A re-identification model of this package."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import torch
from mmengine.config import Config

from mmpsearch.apis.embedders.embedder import Embedder
from mmpsearch.apis.reid_inferencer import ReIDInferencer


class ReIDEmbedder(Embedder):
    """Embeds as :class:`~mmpsearch.apis.ReIDInferencer` does.

    Args:
        config: As there.
        checkpoint: As there.
        device: As there.
        batch_size: Crops per forward pass.
        half: As there.
        unsafe_load: As there.

    Raises:
        ModelLoadError: As there.
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
        self.inferencer = ReIDInferencer(
            config, checkpoint, device, batch_size, half, unsafe_load
        )
        print_ = self.inferencer.fingerprint
        self.name = print_.checkpoint or "random weights"
        self.drawn_people = self.inferencer.drawn_people
        self.config, self.digest = print_.config, print_.sha256

    def __call__(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        """See the base class."""
        return self.inferencer(list(crops))
