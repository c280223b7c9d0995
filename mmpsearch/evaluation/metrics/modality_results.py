"""What the metrics of visible-infrared search have in common."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric

from ..functional.distance_rows import Metric, as_array
from ..functional.rank import RankMetrics
from .sample_fields import read_field

FIELDS = ("embedding", "person_id", "camera_id", "modality")


class ModalityMetric(BaseMetric):
    """Base: keeps embeddings, ids, cameras and modalities of the samples.

    Every data sample (object or dict) holds ``embedding`` (D,), ``person_id``,
    ``camera_id`` (from 0) and ``modality`` (``'rgb'`` or ``'ir'``).

    Args:
        metric: Distance between embeddings, ``cosine`` or ``euclidean``.
        ranks: Points of the CMC to report.
        collect_device: ``cpu`` or ``gpu``, how ranks exchange results.
        prefix: Put before the results' names.
    """

    default_prefix = ""

    def __init__(
        self,
        metric: Metric = "cosine",
        ranks: Sequence[int] = (1, 10, 20),
        collect_device: str = "cpu",
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        if metric not in ("cosine", "euclidean"):
            raise ValueError(f"metric must be 'cosine' or 'euclidean', got {metric!r}")
        if not ranks or min(ranks) < 1:
            raise ValueError(f"ranks must be positive, got {tuple(ranks)}")
        self.metric = metric
        self.ranks = tuple(ranks)

    def process(self, data_batch: Any, data_samples: Sequence[Any]) -> None:
        """Keep what :meth:`compute_metrics` needs of each sample."""
        name = type(self).__name__
        for sample in data_samples:
            fields = {
                field: read_field(sample, field, name, FIELDS) for field in FIELDS
            }
            embedding = as_array(fields["embedding"])
            if embedding.ndim != 1:
                raise ValueError(
                    "embedding of a data sample must have shape (D,), got "
                    f"{embedding.shape}"
                )
            self.results.append(fields | {"embedding": embedding})

    def gather(self, results: list[dict]) -> dict[str, np.ndarray]:
        """The samples' fields as arrays, one row each.

        Raises:
            ValueError: There are no samples, or only of one modality.
        """
        modalities = np.array([result["modality"] for result in results])
        if {"rgb", "ir"} - set(modalities.tolist()):
            raise ValueError(
                f"{type(self).__name__} needs samples of both modalities, 'rgb' and "
                f"'ir', got {len(results)} of {sorted(set(modalities.tolist()))}; "
                "check the test data set"
            )
        return {
            field: np.stack([np.asarray(result[field]) for result in results])
            for field in FIELDS
        }

    def report(self, found: RankMetrics, name: str) -> dict[str, float]:
        """Results under ``<name>/``: mAP, mINP, CMC, number of valid queries."""
        scores = {"mAP": found.mAP, "mINP": found.mINP}
        scores |= {f"rank{rank}": float(found.cmc[rank - 1]) for rank in self.ranks}
        scores["num_valid_queries"] = found.num_valid_queries
        return {f"{name}/{key}": value for key, value in scores.items()}


def one_or_several(value: str | Sequence[str], allowed: Sequence[str], name: str):
    """A tuple of allowed words out of a word or several.

    Raises:
        ValueError: None, or one that is not allowed.
    """
    words = (value,) if isinstance(value, str) else tuple(value)
    if not words or set(words) - set(allowed):
        raise ValueError(f"{name} must be of {tuple(allowed)}, got {value!r}")
    return words
