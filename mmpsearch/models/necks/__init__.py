"""Necks: between backbone and heads."""

from mmpsearch.models.necks.drop_block_neck import DropBlockNeck
from mmpsearch.models.necks.global_pool_neck import GlobalPoolNeck, TokenNeck
from mmpsearch.models.necks.part_projection_neck import PartProjectionNeck
from mmpsearch.models.necks.pattern_alignment_neck import PatternAlignmentNeck
from mmpsearch.models.necks.stripe_neck import MGNNeck, StripeNeck

__all__ = [
    "DropBlockNeck",
    "GlobalPoolNeck",
    "MGNNeck",
    "StripeNeck",
    "TokenNeck",
    "PatternAlignmentNeck",
    "PartProjectionNeck",
]
