"""One vector per image: BoT, AGW, SBS, and transformers."""

from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn

from mmpsearch.models.layers.pooling import Pooling, make_pool
from mmpsearch.registry import MODELS


@MODELS.register_module()
class GlobalPoolNeck(nn.Module):
    """Pools the last feature map: part ``whole``.

    Args:
        pool: ``avg``, ``max``, ``avg_max`` (their sum), ``gem``, or ``gem_fixed``
            (cubes, not learnt).
    """

    def __init__(self, pool: Pooling = "avg") -> None:
        super().__init__()
        self.pool = make_pool(pool)

    def forward(self, features: Sequence[Tensor]) -> dict[str, Tensor]:
        """Args: features, the last ``(B, C, h, w)``. Returns ``whole`` ``(B, C)``."""
        return {"whole": self.pool(features[-1])}


@MODELS.register_module()
class TokenNeck(nn.Module):
    """The class token, or the mean of the patch tokens: part ``whole``.

    Args:
        token: ``class`` or ``mean``.
    """

    def __init__(self, token: Literal["class", "mean"] = "class") -> None:
        super().__init__()
        if token not in ("class", "mean"):
            raise ValueError(f"token must be 'class' or 'mean', got {token!r}")
        self.token = token

    def forward(self, features: Sequence[Tensor]) -> dict[str, Tensor]:
        """Args: features, the last ``(B, 1 + N, C)``. Returns ``whole`` ``(B, C)``."""
        tokens = features[-1]
        chosen = tokens[:, 0] if self.token == "class" else tokens[:, 1:].mean(dim=1)
        return {"whole": chosen}
