"""The adapter between MMEngine's runner and a person-search model."""

from abc import abstractmethod

from mmengine.model import BaseModel
from torch import Tensor

from mmpsearch.structures import PersonSearchSample


class PersonSearchModel(BaseModel):
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

    def forward(
        self,
        inputs: Tensor,
        data_samples: list[PersonSearchSample] | None = None,
        mode: str = "tensor",
    ):
        """MMEngine's entry: ``mode`` is ``'loss'``, ``'predict'`` or ``'tensor'``."""
        if mode == "loss":
            return self.loss(inputs, data_samples)
        if mode == "predict":
            return self.predict(inputs, data_samples)
        if mode == "tensor":
            return self.extract(inputs)
        raise ValueError(f"mode must be 'loss', 'predict' or 'tensor', got {mode!r}")
