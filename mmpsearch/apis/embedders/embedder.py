"""What every embedder is to the search."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np


class Embedder(ABC):
    """Turns pictures of one person into vectors.

    Attributes:
        name: What a user calls it, for messages and fingerprints.
        config: File name of its config, or ``""``.
        digest: SHA-256 of all that its embeddings depend on.
        context: How much more than the box is cut out on every side, as a share of its
            width and height.
        drawn_people: It learned from drawn people, and will miss real ones.
    """

    name: str
    config: str = ""
    digest: str
    context: float = 0.0
    drawn_people: bool = False

    @abstractmethod
    def __call__(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        """Embed crops.

        Args:
            crops: (h, w, 3) uint8 BGR of any sizes, at least one.

        Returns:
            (N, D) float32 of any length.
        """
