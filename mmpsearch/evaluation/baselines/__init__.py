"""Hand-made methods that a trained model has to beat."""

from mmpsearch.evaluation.baselines.colour_histogram import (
    colour_histograms,
    evaluate_colour_histograms,
    grey_world,
)
from mmpsearch.evaluation.baselines.crop_baselines import (
    evaluate_crop_baselines,
    grey_layout,
)

__all__ = [
    "colour_histograms",
    "evaluate_colour_histograms",
    "evaluate_crop_baselines",
    "grey_layout",
    "grey_world",
]
