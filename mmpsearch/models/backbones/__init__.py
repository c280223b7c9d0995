"""Backbones that MMPretrain and MMDetection do not have as needed here."""

from .convnext import ConvNeXt

__all__ = ["ConvNeXt"]
