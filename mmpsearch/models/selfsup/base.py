"""The adapter between MMEngine's runner and models that pre-train themselves."""

from abc import abstractmethod
from collections.abc import Sequence

from mmengine.model import BaseModel
from torch import Tensor

from mmpsearch.models.training_facts import TrainingFacts
from mmpsearch.models.training_follower import TrainingFollower


class SelfSupervisedBase(TrainingFacts, TrainingFollower, BaseModel):
    """Base of the self-supervised models: ``loss`` and ``extract``.

    `mmpsearch.engine.hooks.TrainingProgressHook` calls `start_iteration` and
    `after_optimizer_step`.
    """

    @abstractmethod
    def extract(self, inputs: Tensor) -> Tensor:
        """Embeddings ``(B, D)`` of normalised images ``(B, 3, H, W)``."""

    @abstractmethod
    def loss(self, inputs: Sequence[Tensor], **labels) -> dict[str, Tensor]:
        """Named losses of a batch of views, one ``(B, 3, h, w)`` each."""

    def forward(self, inputs, mode: str = "tensor", **labels):
        """MMEngine's entry: ``mode`` is ``'loss'`` or ``'tensor'``."""
        if mode == "loss":
            return self.loss(inputs, **labels)
        if mode == "tensor":
            return self.extract(inputs)
        raise ValueError(
            f"mode must be 'loss' or 'tensor', got {mode!r}: a self-supervised model "
            "predicts nothing; fine-tune its backbone"
        )
