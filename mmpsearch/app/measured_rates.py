"""How alike different people of the gallery look, measured now and then."""

from __future__ import annotations

import numpy as np

from mmpsearch.gallery.different_people import FALSE_ACCEPT_RATE, FEWEST, OUTLIERS
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.pair_rates import PairRates, pair_rates
from mmpsearch.gallery.threshold import suggest_threshold

GROWN = 1.1  # rates are measured again when the gallery has grown so much


class MeasuredRates:
    """Rates of a gallery's own pairs, kept while the gallery stays about as large.

    Args:
        gallery: Measured.
    """

    def __init__(self, gallery: Gallery) -> None:
        self.gallery = gallery
        self._rates: tuple[int, PairRates] | None = None

    def forget(self) -> None:
        """Measure again when asked next: people were removed."""
        self._rates = None

    def measured(self) -> PairRates:
        """Measured on the gallery's own pairs, and again when it has grown."""
        size = len(self.gallery)
        known = self._rates
        if known is None or not known[0] / GROWN <= size <= known[0] * GROWN:
            with self.gallery.held():
                known = self._rates = (size, pair_rates(self.gallery))
        return known[1]

    def learned_threshold(self) -> float | None:
        """As ``threshold_of_different_people``; None: too few pairs."""
        different = self.measured().different
        if len(different) < FEWEST:
            return None
        rate = max(FALSE_ACCEPT_RATE, OUTLIERS / len(different))
        nobody = np.zeros(len(different), bool)
        return suggest_threshold(different, nobody, rate).threshold
