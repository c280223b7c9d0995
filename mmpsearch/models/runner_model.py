"""The adapter between MMEngine's runner and a model that learns from labels."""

from abc import abstractmethod
from typing import ClassVar

from mmengine.model import BaseModel
from torch import Tensor

from mmpsearch.models.training_facts import TrainingFacts
from mmpsearch.utils.checkpoint import without_training_parts


class RunnerModel(TrainingFacts, BaseModel):
    """What the runner calls with a ``mode``, as three methods."""

    training_only: ClassVar[tuple[str, ...]] = ()
    """How names of weights begin that testing does not read, regular expressions.

    Their sizes may be another data set's, see `mmpsearch.utils.checkpoint`.
    """

    @classmethod
    def inference_settings(cls, settings: dict) -> dict:
        """The model's config without the parts that only training reads.

        Args:
            settings: ``config.model``.

        Returns:
            A copy; the parts that ``training_only`` names are None.
        """
        return without_training_parts(cls, settings)

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
