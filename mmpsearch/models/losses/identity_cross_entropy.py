"""A classifier over the training identities as a re-id loss."""

from torch import Tensor, nn

from mmpsearch.models.losses.cross_entropy import SmoothedCrossEntropy
from mmpsearch.registry import MODELS


@MODELS.register_module()
class IdentityCrossEntropy(nn.Module):
    """Softmax cross entropy of embeddings (DKD's L_reid).

    Persons without identity label have no class and are left out of the loss.

    Args:
        num_identities: classes ``C``.
        embed_dims: embedding size ``D``.
        smoothing: see :class:`SmoothedCrossEntropy`; DKD has 0.
        classifier: config of the classifier; a linear layer by default.
    """

    def __init__(
        self,
        num_identities: int,
        embed_dims: int = 2048,
        smoothing: float = 0.0,
        classifier: dict | None = None,
    ) -> None:
        super().__init__()
        self.num_identities = num_identities
        self.classifier = MODELS.build(
            {
                "type": "mmpsearch.LinearClassifier",
                **(classifier or {}),
                "embed_dims": embed_dims,
                "num_identities": num_identities,
            }
        )
        self.cross_entropy = SmoothedCrossEntropy(smoothing)

    def logits(self, embeddings: Tensor, person_ids: Tensor) -> Tensor:
        """Logits ``(N, C)``, at least float32, of embeddings ``(N, D)``."""
        return self.classifier(embeddings, person_ids)

    def forward(
        self, embeddings: Tensor, person_ids: Tensor, **context: Tensor
    ) -> Tensor:
        """Mean over the labelled samples of all ranks.

        Args:
            embeddings: ``(N, D)``.
            person_ids: ``(N,)`` int64, -1 without identity label.
            **context: whatever else a model knows; none of it is read.

        Returns:
            Scalar; 0 (with gradient) when nobody is labelled.
        """
        return self.cross_entropy(self.logits(embeddings, person_ids), person_ids)
