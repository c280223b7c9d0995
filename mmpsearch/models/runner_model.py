"""The adapter between MMEngine's runner and a model that learns from labels."""

from abc import abstractmethod
from typing import ClassVar

from mmengine.model import BaseModel
from torch import Tensor

from mmpsearch.models.training_facts import TrainingFacts


class RunnerModel(TrainingFacts, BaseModel):
    """What the runner calls with a ``mode``, as three methods."""

    training_only: ClassVar[tuple[str, ...]] = ()
    """How names of weights begin that testing does not read, regular expressions.

    Their sizes may be another data set's, see `mmpsearch.utils.checkpoint`.
    """

    @abstractmethod
    def extract(self, inputs: Tensor):
        """What the model makes of a preprocessed batch ``(B, 3, H, W)``."""

    @abstractmethod
    def loss(self, inputs: Tensor, data_samples: list) -> dict[str, Tensor]:
        """Named losses; the runner minimises the sum of all ``loss_*``."""

    @abstractmethod
    def predict(self, inputs: Tensor, data_samples: list) -> list:
        """The samples with what was predicted."""

    def forward(
        self, inputs: Tensor, data_samples: list | None = None, mode: str = "tensor"
    ):
        """MMEngine's entry: ``mode`` is ``'loss'``, ``'predict'`` or ``'tensor'``.

        Raises:
            ValueError: another mode.
        """
        if mode == "loss":
            return self.loss(inputs, data_samples)
        if mode == "predict":
            return self.predict(inputs, data_samples)
        if mode == "tensor":
            return self.extract(inputs)
        raise ValueError(f"mode must be 'loss', 'predict' or 'tensor', got {mode!r}")
