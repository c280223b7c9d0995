"""How a training is spread over processes, for MMEngine's ``FlexibleRunner``."""

from mmpsearch.engine.strategies.fully_shard import FullyShardStrategy

__all__ = ["FullyShardStrategy"]
