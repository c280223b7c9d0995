"""The adapter between MMEngine's runner and a re-identification model."""

from abc import abstractmethod

from mmengine.model import BaseModel
from torch import Tensor

from mmpsearch.structures.reid_sample import ReIDSample


class ReIDBase(BaseModel):
    """Base of the re-identification models: ``loss``, ``predict`` and ``extract``."""

    @abstractmethod
    def extract(
        self,
        inputs: Tensor,
        camera_ids: Tensor | None = None,
        modalities: Tensor | None = None,
    ) -> Tensor:
        """Embeddings ``(B, D)`` of a preprocessed batch ``(B, 3, H, W)``."""

    @abstractmethod
    def loss(self, inputs: Tensor, data_samples: list[ReIDSample]) -> dict[str, Tensor]:
        """Named losses; the runner minimises the sum of all ``loss_*``."""

    @abstractmethod
    def predict(
        self, inputs: Tensor, data_samples: list[ReIDSample]
    ) -> list[ReIDSample]:
        """The samples with ``embedding``."""

    def forward(
        self,
        inputs: Tensor,
        data_samples: list[ReIDSample] | None = None,
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
