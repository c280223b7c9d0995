"""The adapter between MMEngine's runner and models that pre-train themselves."""

from abc import abstractmethod
from collections.abc import Sequence

from mmengine.model import BaseModel
from torch import Tensor

from mmpsearch.utils.schedules import TrainingProgress


class SelfSupervisedBase(BaseModel):
    """Base of the self-supervised models: ``loss`` and ``extract``.

    `mmpsearch.engine.hooks.TrainingProgressHook` calls `start_iteration` and
    `after_optimizer_step`.
    """

    _progress: TrainingProgress | None = None

    @property
    def progress(self) -> TrainingProgress:
        """How far the training is, for schedules."""
        if self._progress is None:
            raise RuntimeError(
                f"{type(self).__name__} has schedules: add "
                "dict(type='mmpsearch.TrainingProgressHook') to custom_hooks"
            )
        return self._progress

    def start_iteration(self, progress: TrainingProgress) -> None:
        """Learn how far the training is, before the loss."""
        self._progress = progress

    def after_optimizer_step(self) -> None:
        """Update what follows the trained parameters; nothing by default."""

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
