"""What the inferencers share: one model, its pipeline, its device."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from mmengine.config import Config
from torch import nn

from mmpsearch.apis.model_loading import (
    build_model,
    build_pipeline,
    choose_device,
    fingerprint,
    put_on,
    read_config,
)
from mmpsearch.apis.named_models import from_catalogue
from mmpsearch.utils.checkpoint import load_checkpoint, says_drawn_people
from mmpsearch.utils.number_ranges import SCORES, require_in


class ModelInferencer:
    """A model of this package that was loaded to predict.

    Args:
        config: Config file, dict or ``Config``; its ``model`` and test pipeline are
            used.
        checkpoint: Weights, loaded without unpickling code. None: random weights,
            with a warning.
        device: ``cpu``, ``cuda``, ``cuda:1``, …; None: the GPU when there is one.
        batch_size: Pictures per forward pass.
        half: Run in half precision (float16 on a GPU, bfloat16 on the CPU).
        score_threshold: Given to the model where it has a search with limits.
        unsafe_load: Unpickle whatever the checkpoint holds, which can run any code.
        check: Refuses a model of another kind, by model and config name.

    Attributes:
        fingerprint: Names and digest of the weights.
        drawn_people: The checkpoint says that the model learned from drawn people.

    Raises:
        ModelLoadError: Config and checkpoint do not give a working model.
        InputError: The device cannot be used.
    """

    def __init__(
        self,
        config: str | os.PathLike | dict | Config,
        checkpoint: str | os.PathLike | None,
        device: str | torch.device | None,
        batch_size: int,
        half: bool,
        score_threshold: float,
        unsafe_load: bool,
        check: Callable[[nn.Module, str], None],
    ) -> None:
        require_in("score_threshold", score_threshold, *SCORES)
        self.batch_size = require_batch_size(batch_size)
        self.device = choose_device(device)
        self.half = half
        config, checkpoint = from_catalogue(config, checkpoint)
        config, name = read_config(config)
        self._pipeline = build_pipeline(config)
        model = build_model(config, checkpoint, score_threshold, unsafe_load)
        check(model, name)
        self.fingerprint = fingerprint(model, name, checkpoint)
        self.model = put_on(self.device, model)
        self.drawn_people = checkpoint is not None and says_drawn_people(
            load_checkpoint(checkpoint, unsafe=unsafe_load)
        )

    @torch.inference_mode()
    def _predict(self, packed: Sequence[dict]) -> list:
        """The model's data samples of pictures that the pipeline has prepared."""
        with self._precision():
            return self.model.test_step(self._collate(packed))

    @staticmethod
    def _collate(packed: Sequence[dict]) -> dict[str, list]:
        return {key: [one[key] for one in packed] for key in packed[0]}

    def _precision(self) -> AbstractContextManager:
        if not self.half:
            return nullcontext()
        dtype = torch.bfloat16 if self.device.type == "cpu" else torch.float16
        return torch.autocast(self.device.type, dtype)


def require_batch_size(batch_size: int) -> int:
    """The number itself.

    Raises:
        ValueError: It is below 1.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    return batch_size
