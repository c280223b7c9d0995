"""Small parts: tensors in, tensors out."""

from typing import Any

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d, SafeBatchNorm2d
from mmpsearch.models.layers.channel_norm import ChannelNorm
from mmpsearch.models.layers.conv3x3 import FastConv2d
from mmpsearch.moved import moved_name

__all__ = [
    "ChannelNorm",
    "FastConv2d",
    "SafeBatchNorm1d",
    "SafeBatchNorm2d",
]


def __getattr__(name: str) -> Any:
    return moved_name(__name__, name)
