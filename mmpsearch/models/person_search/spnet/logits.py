"""Logits layers: from the norm of an offset embedding to a match logit.

SPNet, section 3.3 and supplement 8: a query and an anchor match when their offset
embedding is short. ``FixedNormLogits`` standardises the norm by the mean and the
standard deviation which it would have were the components independent standard
normal (a chi distribution), ``BatchNormLogits`` learns the standardisation.
"""

import math

from torch import Tensor, nn

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d


def chi_statistics(dims: int) -> tuple[float, float]:
    """Mean and standard deviation of the chi distribution.

    Args:
        dims: degrees of freedom.

    Returns:
        The two numbers. For 128: 11.29163, 0.70641.
    """
    mean = math.sqrt(2) * math.exp(math.lgamma((dims + 1) / 2) - math.lgamma(dims / 2))
    return mean, math.sqrt(dims - mean * mean)


class FixedNormLogits(nn.Module):
    """Standardised norm without parameters: ``z = sign * (norm - mean) / std``.

    Args:
        dims: embedding size ``D``.
        positive: a long offset means a match (rows "(+)" of Table 9). By default a
            short one does, as section 3.3 says (the supplement's equation 3 lacks
            the minus sign).
    """

    def __init__(self, dims: int, positive: bool = False) -> None:
        super().__init__()
        self.mean, self.std = chi_statistics(dims)
        self.sign = 1.0 if positive else -1.0

    def forward(self, norms: Tensor) -> Tensor:
        """Args: norms ``(...)``. Returns logits ``(...)`` in float32."""
        scaled = norms.float() / self.mean
        return self.sign * (self.mean / self.std) * (scaled - 1)


class BatchNormLogits(nn.Module):
    """Batch-normalised norm: ``z = sign * BN(norm)``, one channel, affine.

    Args:
        dims: ignored; given so that the two layers are built alike.
        positive: as in :class:`FixedNormLogits`.
    """

    def __init__(self, dims: int, positive: bool = False) -> None:
        super().__init__()
        self.norm = SafeBatchNorm1d(1)
        self.sign = 1.0 if positive else -1.0

    def forward(self, norms: Tensor) -> Tensor:
        """Args: norms ``(...)``. Returns logits ``(...)`` in float32."""
        flat = self.norm(norms.float().reshape(-1, 1))
        return self.sign * flat.view(norms.shape)
