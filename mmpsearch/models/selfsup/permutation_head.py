"""Which order was a picture's stripes put into?"""

from collections.abc import Sequence

from torch import Tensor, nn

from mmpsearch.registry import MODELS


@MODELS.register_module()
class PermutationHead(nn.Module):
    """Global mean and one linear layer: log-affinities of places (MMGL, section 3.2).

    Args:
        in_channels: channels ``C`` of the map.
        num_stripes: ``S``.
        bias: whether the layer has one.
    """

    def __init__(
        self, in_channels: int = 2048, num_stripes: int = 6, bias: bool = True
    ) -> None:
        super().__init__()
        self.num_stripes = num_stripes
        self.linear = nn.Linear(in_channels, num_stripes**2, bias=bias)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Log-affinities.

        Args:
            features: the last ``(B, C, h, w)``.

        Returns:
            ``(B, S, S)``; row: place in the shuffled picture, column: original place.
        """
        pooled = features[-1].mean(dim=(2, 3))
        return self.linear(pooled).unflatten(1, (self.num_stripes, self.num_stripes))
