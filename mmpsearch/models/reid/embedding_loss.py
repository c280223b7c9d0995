"""Which embeddings a metric loss looks at."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from mmpsearch.models.heads.embedding_head import Embedding, Stage
from mmpsearch.registry import MODELS


def select(
    embeddings: Mapping[str, Embedding], parts: Sequence[str] | None, stage: Stage
) -> Tensor:
    """Concatenate one stage of some parts.

    Args:
        embeddings: the parts' vectors.
        parts: names, in this order; None for all.
        stage: ``pooled``, ``before_bn`` or ``after_bn``.

    Returns:
        ``(B, sum of D)``.
    """
    names = list(embeddings) if parts is None else parts
    return torch.cat([getattr(embeddings[name], stage) for name in names], dim=1)


@MODELS.register_module()
class EmbeddingLoss(nn.Module):
    """A loss of embeddings and identities, on a choice of parts.

    Args:
        loss: config of the loss, such as :class:`~mmpsearch.models.losses.TripletLoss`.
        parts: names of parts, concatenated; None for all.
        stage: which of their vectors.
    """

    def __init__(
        self,
        loss: dict,
        parts: Sequence[str] | None = None,
        stage: Stage = "before_bn",
    ) -> None:
        super().__init__()
        if stage not in ("pooled", "before_bn", "after_bn"):
            raise ValueError(
                f"stage must be 'pooled', 'before_bn' or 'after_bn', got {stage!r}"
            )
        self.loss, self.parts, self.stage = MODELS.build(loss), parts, stage

    def forward(
        self,
        embeddings: Mapping[str, Embedding],
        person_ids: Tensor,
        modalities: Tensor | None = None,
    ) -> Tensor:
        """Args: the parts' vectors, ``(B,)`` ids, modalities (not used). Scalar."""
        return self.loss(select(embeddings, self.parts, self.stage), person_ids)


@MODELS.register_module()
class ModalityEmbeddingLoss(EmbeddingLoss):
    """As :class:`EmbeddingLoss`, for losses that tell the modalities apart.

    Args:
        loss: config of the loss, such as
            :class:`~mmpsearch.models.losses.CenterContrastLoss`.
        parts: names of parts, concatenated; None for all.
        stage: which of their vectors.
    """

    def forward(
        self,
        embeddings: Mapping[str, Embedding],
        person_ids: Tensor,
        modalities: Tensor | None = None,
    ) -> Tensor:
        """Loss of a batch.

        Args:
            embeddings: the parts' vectors.
            person_ids: ``(B,)`` int64.
            modalities: ``(B,)`` int64, 0 RGB and 1 infrared; needed.

        Returns:
            Scalar.
        """
        chosen = select(embeddings, self.parts, self.stage)
        return self.loss(chosen, person_ids, modalities)
