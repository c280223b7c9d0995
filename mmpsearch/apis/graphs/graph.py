"""What every exported network is to its users."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np


class GraphTensor(NamedTuple):
    """An input or output of a graph.

    Attributes:
        name: As the file has it.
        shape: Sizes; None where any size fits.
        dtype: NumPy's.
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: np.dtype


class Graph(ABC):
    """A network that was read from a file.

    Attributes:
        path: The file.
        inputs: What it takes.
        outputs: What it gives.
    """

    def __init__(
        self,
        path: Path,
        inputs: Sequence[GraphTensor],
        outputs: Sequence[GraphTensor],
    ) -> None:
        self.path = path
        self.inputs, self.outputs = tuple(inputs), tuple(outputs)

    @abstractmethod
    def __call__(self, *arrays: np.ndarray) -> dict[str, np.ndarray]:
        """Run the network; outputs by name, in their order."""

    @abstractmethod
    def metadata(self) -> dict[str, str]:
        """What the exporter wrote into the file, beside the network.

        Raises:
            ModelLoadError: The library that can read it is missing.
        """

    def run_batch(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        """Run a batch of any length N through a graph whose batch may be fixed.

        Args:
            batch: (N, …) of the first input, N at least 1.

        Returns:
            Outputs (N, …) by name.
        """
        size = self.inputs[0].shape[0]
        if size is None or size == len(batch):
            return self(batch)
        parts = []
        for start in range(0, len(batch), size):
            part = batch[start : start + size]
            filled = part
            if len(part) < size:
                filled = np.concatenate([part, part[-1:].repeat(size - len(part), 0)])
            parts.append({k: v[: len(part)] for k, v in self(filled).items()})
        return {key: np.concatenate([one[key] for one in parts]) for key in parts[0]}


def digest_of(path: Path, settings: Mapping) -> str:
    """SHA-256 of a network's files and of the settings it is used with."""
    digest = hashlib.sha256(path.read_bytes())
    if path.suffix == ".xml":
        digest.update(path.with_suffix(".bin").read_bytes())
    digest.update(repr(sorted(settings.items())).encode())
    return digest.hexdigest()
