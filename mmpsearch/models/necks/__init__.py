"""Necks: between backbone and heads."""

from .drop_block_neck import DropBlockNeck
from .global_pool_neck import GlobalPoolNeck, TokenNeck
from .part_projection_neck import PartProjectionNeck
from .pattern_alignment_neck import PatternAlignmentNeck
from .stripe_neck import MGNNeck, StripeNeck

__all__ = [
    "DropBlockNeck",
    "GlobalPoolNeck",
    "MGNNeck",
    "StripeNeck",
    "TokenNeck",
    "PatternAlignmentNeck",
    "PartProjectionNeck",
]
