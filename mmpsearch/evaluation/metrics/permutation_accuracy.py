"""Accuracy of a pre-training that puts shuffled stripes back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric

from mmpsearch.evaluation.functional.distance_rows import as_array
from mmpsearch.evaluation.functional.permutations import (
    assign_permutations,
    permutation_accuracy,
)
from mmpsearch.registry import METRICS


@METRICS.register_module()
class PermutationAccuracy(BaseMetric):
    """How many stripes are put back where they were (MMGL, section 4.4).

    Every data sample is a dict with ``log_affinity`` ``(S, S)`` and ``permutation``
    ``(S,)``. The order is the assignment of greatest log-affinity, without noise.
    Results are fractions: ``permutation_stripe``, of stripes (chance 1/S), and
    ``permutation_whole``, of pictures without any mistake. Which of both the paper
    publishes is not said there.

    Args:
        collect_device: ``cpu`` or ``gpu``, how ranks exchange results.
        prefix: put before the results' names.
    """

    default_prefix = ""

    def __init__(self, collect_device: str = "cpu", prefix: str | None = None) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep the found and the true order of each picture."""
        affinity = np.stack([as_array(s["log_affinity"]) for s in data_samples])
        for found, sample in zip(
            assign_permutations(affinity), data_samples, strict=True
        ):
            self.results.append((found, as_array(sample["permutation"])))

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Both accuracies.

        Raises:
            ValueError: there are no pictures.
        """
        if not results:
            raise ValueError("PermutationAccuracy got no samples; check the data set")
        stripe, whole = permutation_accuracy(*map(np.stack, zip(*results, strict=True)))
        return {"permutation_stripe": stripe, "permutation_whole": whole}
