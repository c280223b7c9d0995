"""Base of the re-identification models."""

from abc import abstractmethod

from torch import Tensor

from mmpsearch.models.runner_model import RunnerModel
from mmpsearch.structures.reid_sample import ReIDSample


class ReIDBase(RunnerModel):
    """Base of the re-identification models: ``loss``, ``predict`` and ``extract``."""

    num_identities: int | None = None
    """Classes of its classifiers; None: it has none."""

    def identity_table(self) -> tuple[str, int] | None:
        """The model itself and its classifiers' number of classes."""
        if self.num_identities is None:
            return None
        return type(self).__name__, self.num_identities

    @classmethod
    def inference_settings(cls, settings: dict) -> dict:
        """See :meth:`RunnerModel.inference_settings`; without classifiers."""
        kept = super().inference_settings(settings)
        return {**kept, "num_identities": None} if "num_identities" in kept else kept

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
