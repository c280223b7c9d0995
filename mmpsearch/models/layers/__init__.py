"""Small parts: tensors in, tensors out."""

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d, SafeBatchNorm2d
from mmpsearch.models.layers.channel_norm import ChannelNorm
from mmpsearch.models.layers.conv3x3 import FastConv2d
from mmpsearch.models.layers.partition import mirror_index, partition
from mmpsearch.models.layers.queue_bank import enqueue

__all__ = [
    "ChannelNorm",
    "FastConv2d",
    "SafeBatchNorm1d",
    "SafeBatchNorm2d",
    "enqueue",
    "mirror_index",
    "partition",
]
