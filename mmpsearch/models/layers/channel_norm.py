"""Layer norm of maps that leaves channels-last memory as it is."""

from torch import Tensor, nn

from mmpsearch.registry import MODELS


@MODELS.register_module()
class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of a map, without copies in channels-last memory.

    MMPretrain's ``LN2d``, whose signature it has, returns maps in the other layout.

    Args:
        num_channels: channels ``C``.
        eps: added to the variance.
    """

    def __init__(self, num_channels: int, eps: float = 1e-6) -> None:
        super().__init__(num_channels, eps=eps)

    def forward(self, x: Tensor, data_format: str = "channel_first") -> Tensor:
        """Normalise every position.

        Args:
            x: ``(N, C, h, w)``, or ``(..., C)`` with ``data_format='channel_last'``.
            data_format: where the channels are.

        Returns:
            The same shape; four-dimensional maps in channels-last memory.
        """
        if data_format == "channel_last":
            return super().forward(x)
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
