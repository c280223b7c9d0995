"""Horizontal stripes: PCB, and MGN's branches."""

from collections.abc import Sequence

from torch import Tensor, nn

from mmpsearch.models.layers.pooling import Pooling, make_pool
from mmpsearch.registry import MODELS


def split_rows(x: Tensor, number: int) -> tuple[Tensor, ...]:
    """Cut ``(B, C, h, w)`` into stripes of equal height.

    Raises:
        ValueError: the height is not a multiple of ``number``.
    """
    if x.shape[2] % number:
        raise ValueError(
            f"a feature map of {x.shape[2]} rows cannot be cut into {number} equal "
            "stripes; choose another image height"
        )
    return x.chunk(number, dim=2)


@MODELS.register_module()
class StripeNeck(nn.Module):
    """PCB's stripes (Sun et al., ECCV 2018): parts ``stripe0`` ... from top to bottom.

    Args:
        num_stripes: number of stripes.
        pool: pooling within a stripe.
    """

    def __init__(self, num_stripes: int = 6, pool: Pooling = "avg") -> None:
        super().__init__()
        self.num_stripes, self.pool = num_stripes, make_pool(pool)

    def forward(self, features: Sequence[Tensor]) -> dict[str, Tensor]:
        """Args: features, the last ``(B, C, h, w)``. Returns stripes ``(B, C)``."""
        stripes = split_rows(features[-1], self.num_stripes)
        return {f"stripe{i}": self.pool(stripe) for i, stripe in enumerate(stripes)}


@MODELS.register_module()
class MGNNeck(nn.Module):
    """MGN's eight parts from three branches (Wang et al., ACM MM 2018).

    ``b1``, ``b2`` and ``b3`` see the whole map of their branch, ``b21``, ``b22`` the
    halves of the second and ``b31`` ... ``b33`` the thirds of the third.

    Args:
        pool: pooling; the paper takes the maximum, LUPerson's recipe GeM. Every part
            has its own.
    """

    def __init__(self, pool: Pooling = "max") -> None:
        super().__init__()
        self.pools = nn.ModuleDict({name: make_pool(pool) for name in self.names()})

    @classmethod
    def names(cls) -> list[str]:
        """Names of the parts: whole maps first."""
        whole = [f"b{branch}" for branch in (1, 2, 3)]
        parts = [f"b{b}{p}" for b in (2, 3) for p in range(1, b + 1)]
        return whole + parts

    def forward(self, features: Sequence[Tensor]) -> dict[str, Tensor]:
        """Args: features, three maps ``(B, C, h, w)``. Returns parts ``(B, C)``."""
        maps = {}
        for branch, feature_map in enumerate(features, 1):
            maps[f"b{branch}"] = feature_map
            if branch > 1:
                for part, stripe in enumerate(split_rows(feature_map, branch), 1):
                    maps[f"b{branch}{part}"] = stripe
        return {name: self.pools[name](maps[name]) for name in self.pools}
