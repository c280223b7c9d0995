"""Hand-made methods that a trained model has to beat."""

from .colour_histogram import (
    colour_histograms,
    evaluate_colour_histograms,
    grey_world,
)
from .crop_baselines import evaluate_crop_baselines, grey_layout

__all__ = [
    "colour_histograms",
    "evaluate_colour_histograms",
    "evaluate_crop_baselines",
    "grey_layout",
    "grey_world",
]
