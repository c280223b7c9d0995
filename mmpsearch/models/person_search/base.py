"""Base of the person-search models."""

from abc import abstractmethod

from torch import Tensor

from mmpsearch.models.runner_model import RunnerModel
from mmpsearch.structures import PersonSearchSample


class PersonSearchModel(RunnerModel):
    """Base of the person-search models: ``loss``, ``predict`` and ``extract``."""

    @abstractmethod
    def extract(self, inputs: Tensor):
        """Feature maps of a preprocessed batch ``(B, 3, H, W)``."""

    @abstractmethod
    def loss(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> dict[str, Tensor]:
        """Named losses; the runner minimises the sum of all ``loss_*``."""

    @abstractmethod
    def predict(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> list[PersonSearchSample]:
        """The samples with ``pred_instances`` in pixels of the original images."""
