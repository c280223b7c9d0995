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

    Fields whose names end in ``embeddings`` are (N, D) with one D in all of them, other
    fields with two axes have a width of their own; where there is no row, it may be 0.
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
        widths = _widths({name: arrays[name] for name in names})
        return cls(
            **{
                name: np.concatenate(
                    [
                        _widened(array, widths.get(_group(name)))
                        for array in arrays[name]
                    ]
                )
                for name in names
            }
        )

    def gather(self: Outputs) -> Outputs:
        """The outputs of all ranks, those of rank 0 first; the same on all ranks."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        own = _widths({name: [array] for name, array in arrays.items()})
        found = gather_without_gradient(torch.tensor([list(own.values())]))
        widths = dict(zip(own, found.amax(dim=0).tolist(), strict=True))
        return type(self)(
            **{
                name: gather_without_gradient(
                    torch.from_numpy(_widened(array, widths.get(_group(name))))
                ).numpy()
                for name, array in arrays.items()
            }
        )


def _group(name: str) -> str:
    """Fields of one group have one width."""
    return "embeddings" if name.endswith("embeddings") else name


def _widths(arrays: dict[str, Sequence[np.ndarray]]) -> dict[str, int]:
    """The largest width in every group of fields with two axes."""
    widths: dict[str, int] = {}
    for name, parts in arrays.items():
        for part in parts:
            if part.ndim == 2:
                group = _group(name)
                widths[group] = max(widths.get(group, 0), part.shape[1])
    return widths


def _widened(array: np.ndarray, dim: int | None) -> np.ndarray:
    """An array without rows gets the width of the others."""
    return array if len(array) or array.ndim < 2 else array.reshape(0, dim)
