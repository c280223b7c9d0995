"""Small parts: tensors in, tensors out."""

from .batch_norm import SafeBatchNorm1d, SafeBatchNorm2d
from .channel_norm import ChannelNorm
from .conv3x3 import FastConv2d
from .partition import mirror_index, partition
from .queue_bank import enqueue

__all__ = [
    "ChannelNorm",
    "FastConv2d",
    "SafeBatchNorm1d",
    "SafeBatchNorm2d",
    "enqueue",
    "mirror_index",
    "partition",
]
