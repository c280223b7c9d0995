"""Losses: pure functions, and modules where there is state."""

from .momentum_contrast_loss import MomentumContrastLoss
from .oim_loss import OIMLoss

__all__ = ["MomentumContrastLoss", "OIMLoss"]
