"""Flip test: testing with an image and its mirror image."""

import torch.nn.functional as F
from torch import Tensor

from mmpsearch.models.reid.reid_model import ReIDModel
from mmpsearch.registry import MODELS


@MODELS.register_module()
class MirrorTestedReIDModel(ReIDModel):
    """Re-ID model with flip test: an image and its mirror image give the embedding.

    The mean of both L2-normalised embeddings, normalised (CAJ's ``testa``). Training is
    :class:`ReIDModel`'s.

    Args:
        **kwargs: as :class:`ReIDModel`.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)

    def extract(
        self,
        inputs: Tensor,
        camera_ids: Tensor | None = None,
        modalities: Tensor | None = None,
    ) -> Tensor:
        """Embeddings for comparison.

        Args:
            inputs: ``(B, 3, H, W)``, normalised.
            camera_ids: ``(B,)`` int64 or None (unknown).
            modalities: ``(B,)`` int64, see :meth:`features`.

        Returns:
            ``(B, D)`` float32, L2-normalised.
        """
        own = super().extract(inputs, camera_ids, modalities)
        mirrored = super().extract(inputs.flip(3), camera_ids, modalities)
        total = F.normalize(own, dim=1) + F.normalize(mirrored, dim=1)
        return F.normalize(total, dim=1)
