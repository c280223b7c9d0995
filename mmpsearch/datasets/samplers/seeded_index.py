"""A dataset index that brings its own random seed."""

from __future__ import annotations


class SeededIndex(int):
    """An ``int`` with a ``seed``, for datasets that use ``SeededDataset``.

    Args:
        index: Position in the dataset.
        seed: Seed of this sample's augmentation, in [0, 2**32).
    """

    seed: int

    def __new__(cls, index: int, seed: int) -> SeededIndex:
        instance = super().__new__(cls, index)
        instance.seed = int(seed)
        return instance

    def __getnewargs__(self) -> tuple[int, int]:
        return int(self), self.seed

    def __repr__(self) -> str:
        return f"SeededIndex({int(self)}, seed={self.seed})"
