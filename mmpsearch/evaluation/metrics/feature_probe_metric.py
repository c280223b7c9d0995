"""k-NN and linear probe of frozen features by a data set's own protocol."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric

from mmpsearch.evaluation.functional.feature_probe import (
    effective_rank,
    feature_spread,
    linear_probe,
    pair_similarities,
)
from mmpsearch.registry import METRICS


@METRICS.register_module()
class FeatureProbeMetric(BaseMetric):
    """What a frozen backbone's features are worth, without any fine-tuning.

    The samples are those of a :class:`~mmpsearch.datasets.FeatureProbeSet`, with
    ``embedding`` and, as metainfo, ``split``: ``'train'`` or ``'test'``. Reports

    - ``frozen_<name>``: the inner metric's results of the features as they are
      (nearest neighbours by cosine);
    - ``probe_<name>``: the same of the logits of a linear softmax classifier that was
      trained on the training people's features;
    - ``effective_rank``, ``feature_spread`` (1: directions spread out, 0: one), and
      ``positive_similarity`` and ``negative_similarity``, mean cosines of pictures of
      one person and of different ones; all of the test pictures.

    Args:
        metric: config of the test set's metric, a subclass of
            :class:`~mmpsearch.evaluation.metrics.EmbeddingMetric`.
        keep: endings of the inner metric's names that are reported.
        weight_decay: see :func:`linear_probe`.
        collect_device: ``cpu`` or ``gpu``, how ranks exchange results.
        prefix: put before the results' names.
    """

    default_prefix = ""

    def __init__(
        self,
        metric: dict,
        keep: Sequence[str] = ("mAP", "rank1"),
        weight_decay: float = 1e-3,
        collect_device: str = "cpu",
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        self.metric = METRICS.build(metric)
        self.keep = tuple(keep)
        self.weight_decay = weight_decay

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep features and labels of each sample."""
        for sample in data_samples:
            self.metric.process(None, [sample])
            (kept,) = self.metric.results
            self.metric.results.clear()
            self.results.append({"split": sample["split"], **kept})

    def compute_metrics(self, results: list[dict[str, Any]]) -> dict[str, float]:
        """Results, see the class.

        Raises:
            ValueError: a split is missing.
        """
        self.metric.dataset_meta = self.dataset_meta
        train = [result for result in results if result["split"] == "train"]
        test = [result for result in results if result["split"] == "test"]
        if not train or not test:
            raise ValueError(
                "FeatureProbeMetric needs training and test people, got "
                f"{len(train)} and {len(test)} samples; take a "
                "mmpsearch.FeatureProbeSet as the data set"
            )
        features = np.stack([result["embedding"] for result in test])
        people = np.array([result["person_id"] for result in test])
        logits = linear_probe(
            np.stack([result["embedding"] for result in train]),
            np.array([result["person_id"] for result in train]),
            features,
            self.weight_decay,
        )
        probed = [
            {**result, "embedding": row}
            for result, row in zip(test, logits, strict=True)
        ]
        positive, negative = pair_similarities(features, people)
        return {
            **self._scores("frozen_", test),
            **self._scores("probe_", probed),
            "effective_rank": effective_rank(features),
            "feature_spread": feature_spread(features),
            "positive_similarity": positive,
            "negative_similarity": negative,
        }

    def _scores(self, name: str, results: list[dict[str, Any]]) -> dict[str, float]:
        found = self.metric.compute_metrics(results)
        kept = {key: key.rsplit("/")[-1] for key in found}
        return {
            (key[: -len(end)] + name + end): found[key]
            for key, end in kept.items()
            if end in self.keep
        }
