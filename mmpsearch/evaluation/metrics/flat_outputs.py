"""Outputs of images in flat arrays that are joined, gathered and saved."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import fields
from typing import TypeVar

import numpy as np
import torch

from mmpsearch.evaluation.metrics.saved_arrays import SavedArrays
from mmpsearch.utils.distributed import gather_without_gradient

Outputs = TypeVar("Outputs", bound="FlatOutputs")


class FlatOutputs(SavedArrays):
    """Base of dataclasses whose arrays hold the outputs of some images, one or many.

    Fields whose names end in ``embeddings`` are (N, D) with one D in all of them; where
    there is no row, D may be 0.
    """

    @classmethod
    @abstractmethod
    def nothing(cls: type[Outputs]) -> Outputs:
        """The outputs of no image."""

    @classmethod
    def from_images(cls: type[Outputs], outputs: Sequence[Outputs]) -> Outputs:
        """Join outputs, in their order."""
        parts = [cls.nothing(), *outputs]
        names = [field.name for field in fields(cls)]
        arrays = {name: [getattr(part, name) for part in parts] for name in names}
        embedded = [name for name in names if name.endswith("embeddings")]
        dim = max((a.shape[1] for name in embedded for a in arrays[name]), default=0)
        for name in embedded:
            arrays[name] = [_widened(array, dim) for array in arrays[name]]
        return cls(**{name: np.concatenate(arrays[name]) for name in names})

    def gather(self: Outputs) -> Outputs:
        """The outputs of all ranks, those of rank 0 first; the same on all ranks."""
        names = [field.name for field in fields(self)]
        embedded = [name for name in names if name.endswith("embeddings")]
        own = max((getattr(self, name).shape[1] for name in embedded), default=0)
        dim = gather_without_gradient(torch.tensor([own])).max()
        arrays = {}
        for name in names:
            array = getattr(self, name)
            if name.endswith("embeddings"):
                array = _widened(array, int(dim))
            arrays[name] = gather_without_gradient(torch.from_numpy(array)).numpy()
        return type(self)(**arrays)


def _widened(array: np.ndarray, dim: int) -> np.ndarray:
    """An array without rows gets the width of the others."""
    return array if len(array) else array.reshape(0, dim)
