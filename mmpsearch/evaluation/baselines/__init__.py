"""Hand-made methods that a trained model has to beat."""

from .colour_histogram import (
    colour_histograms,
    evaluate_colour_histograms,
    grey_world,
)

__all__ = ["colour_histograms", "evaluate_colour_histograms", "grey_world"]
