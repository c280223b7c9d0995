"""Small parts: tensors in, tensors out."""

from .batch_norm import SafeBatchNorm1d, SafeBatchNorm2d

__all__ = ["SafeBatchNorm1d", "SafeBatchNorm2d"]
