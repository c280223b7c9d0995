"""What the metrics of visible-infrared search have in common."""

from collections.abc import Sequence

import numpy as np

from mmpsearch.evaluation.functional.rank import RankMetrics
from mmpsearch.evaluation.metrics.embedding_metric import EmbeddingMetric


class ModalityMetric(EmbeddingMetric):
    """Base: embeddings, ids, cameras and modalities of the samples.

    Every data sample (object or dict) holds ``embedding`` (D,), ``person_id``,
    ``camera_id`` (from 0) and ``modality`` (``'rgb'`` or ``'ir'``). Arguments are
    those of :class:`EmbeddingMetric`.
    """

    fields = ("embedding", "person_id", "camera_id", "modality")

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
            for field in self.fields
        }

    def report(self, found: RankMetrics, name: str) -> dict[str, float]:
        """Results under ``<name>/``: mAP, mINP, CMC, number of valid queries."""
        return {f"{name}/{key}": value for key, value in self.summary(found).items()}


def one_or_several(value: str | Sequence[str], allowed: Sequence[str], name: str):
    """A tuple of allowed words out of a word or several.

    Raises:
        ValueError: None, or one that is not allowed.
    """
    words = (value,) if isinstance(value, str) else tuple(value)
    if not words or set(words) - set(allowed):
        raise ValueError(f"{name} must be of {tuple(allowed)}, got {value!r}")
    return words
