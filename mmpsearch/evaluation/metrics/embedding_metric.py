"""What the metrics of embeddings have in common."""

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from mmengine.evaluator import BaseMetric

from mmpsearch.errors import ConfigError
from mmpsearch.evaluation.functional.distance_rows import Metric, as_array
from mmpsearch.evaluation.functional.rank import RankMetrics
from mmpsearch.utils.distributed import gather_without_gradient


class EmbeddingMetric(BaseMetric):
    """Base: keeps the embeddings of the samples, and what else a metric names.

    Args:
        metric: distance between embeddings, ``cosine`` or ``euclidean``.
        ranks: points of the CMC to report.
        collect_device: ``cpu`` or ``gpu``, how ranks exchange results.
        prefix: put before the results' names.

    Raises:
        ValueError: another metric, or a rank below 1.
    """

    default_prefix = ""
    fields: ClassVar[tuple[str, ...]] = ("embedding",)
    """What every data sample, object or dict, holds."""
    optional_fields: ClassVar[tuple[str, ...]] = ()
    """What is None where a sample lacks it."""

    def __init__(
        self,
        metric: Metric = "cosine",
        ranks: Sequence[int] = (1, 5, 10),
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
        """Keep what ``compute_metrics`` needs of each sample.

        Raises:
            ValueError: a sample lacks a field, or its embedding is no vector.
        """
        for sample in data_samples:
            kept = {field: self._read(sample, field) for field in self.fields}
            kept |= {field: _get(sample, field, None) for field in self.optional_fields}
            kept["embedding"] = as_array(kept["embedding"])
            if kept["embedding"].ndim != 1:
                raise ValueError(
                    "embedding of a data sample must have shape (D,), got "
                    f"{kept['embedding'].shape}"
                )
            self.results.append(kept)

    def evaluate(self, size: int) -> dict[str, float]:
        """Results of all ranks' samples.

        Args:
            size: length of the test set.

        Raises:
            ConfigError: samples of the test set are missing.
        """
        found = int(gather_without_gradient(torch.tensor([len(self.results)])).sum())
        if found < size:
            raise ConfigError(
                f"{type(self).__name__} got {found} of the {size} pictures of the test "
                "set, and results of a part would mislead; set drop_last=False in "
                "test_dataloader and val_dataloader"
            )
        return super().evaluate(size)

    def summary(self, found: RankMetrics) -> dict[str, float]:
        """``mAP``, ``mINP``, ``rank<k>`` and ``num_valid_queries``, all floats.

        MMEngine writes other numbers to its json file as null.
        """
        scores = {"mAP": found.mAP, "mINP": found.mINP}
        scores |= {f"rank{rank}": float(found.cmc[rank - 1]) for rank in self.ranks}
        return scores | {"num_valid_queries": float(found.num_valid_queries)}

    def _read(self, sample: Any, field: str) -> Any:
        value = _get(sample, field, missing := object())
        if value is missing:
            raise ValueError(
                f"a data sample has no '{field}'; {type(self).__name__} needs "
                f"{', '.join(self.fields)} (the model's predict adds the embedding, "
                "the packing transform the rest)"
            )
        return value


def _get(sample: Any, field: str, default: Any) -> Any:
    if isinstance(sample, dict):
        return sample.get(field, default)
    return getattr(sample, field, default)
