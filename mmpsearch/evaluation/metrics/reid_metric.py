"""Re-identification metrics for MMEngine's evaluator."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmpsearch.evaluation.functional.cuhk03 import cuhk03_metrics
from mmpsearch.evaluation.functional.distance_rows import Metric
from mmpsearch.evaluation.functional.query_expansion import average_query_expansion
from mmpsearch.evaluation.functional.rank import rank_metrics
from mmpsearch.evaluation.functional.re_ranking import re_ranking_from_embeddings
from mmpsearch.evaluation.functional.threshold import same_person_threshold
from mmpsearch.evaluation.metrics.embedding_metric import EmbeddingMetric
from mmpsearch.registry import METRICS


@METRICS.register_module()
class ReIDMetric(EmbeddingMetric):
    """mAP, CMC and mINP of queries against a gallery that share one dataset.

    Every data sample (object or dict) holds

    - ``embedding``: ``(D,)`` float tensor or array, not necessarily normalised;
    - ``person_id``: int, ``camera_id``: int (negative: unknown);
    - ``is_query``: bool, which of the two lists the image belongs to;
    - ``target`` (optional): name of the test set, where one run covers several.

    Results are fractions: ``mAP``, ``mINP``, ``rank1`` and so on, and
    ``num_valid_queries``; with query expansion or re-ranking, what these change is
    reported beside them as ``qe_mAP``, ``rerank_mAP`` or ``qe_rerank_mAP``. Several
    targets are reported as ``<target>/mAP``.

    Under several ranks MMEngine deals samples out strided (``DefaultSampler``); the
    ranks' results are put back in that order and the sampler's padding is cut off.

    Args:
        metric: distance between embeddings, ``cosine`` or ``euclidean``.
        ranks: points of the CMC to report.
        query_expansion: keyword arguments of ``average_query_expansion`` (``{}`` for
            its defaults), or None for none.
        re_ranking: keyword arguments ``k1``, ``k2``, ``lambda_value`` of
            ``re_ranking_from_embeddings`` (``{}`` for its defaults), or None.
        keep_same_camera: also count gallery pictures of the query's person by its own
            camera, which the usual protocol removes.
        single_gallery_shot: CUHK03's classic protocol (``cuhk03_metrics``).
        false_accept_rate: also report ``threshold``, the distance (of unrefined
            embeddings) that accepts this share of different-person pairs, and
            ``true_accept_rate`` there.
        collect_device: ``cpu`` or ``gpu``, how ranks exchange results.
        prefix: put before the results' names.
    """

    fields = ("embedding", "person_id", "camera_id", "is_query")
    optional_fields = ("target",)

    def __init__(
        self,
        metric: Metric = "cosine",
        ranks: Sequence[int] = (1, 5, 10),
        query_expansion: dict[str, Any] | None = None,
        re_ranking: dict[str, Any] | None = None,
        single_gallery_shot: bool = False,
        keep_same_camera: bool = False,
        false_accept_rate: float | None = None,
        collect_device: str = "cpu",
        prefix: str | None = None,
    ) -> None:
        super().__init__(metric, ranks, collect_device, prefix)
        self.query_expansion = query_expansion
        self.re_ranking = re_ranking
        self.false_accept_rate = false_accept_rate
        self.keep_same_camera = keep_same_camera
        self._rank = cuhk03_metrics if single_gallery_shot else rank_metrics

    def compute_metrics(self, results: list[dict[str, Any]]) -> dict[str, float]:
        """Metrics of all samples, per target where there are several.

        Raises:
            ValueError: a target without queries, gallery or any match.
        """
        if not results:
            raise ValueError("ReIDMetric got no samples; check the test data set")
        targets = list(dict.fromkeys(result["target"] for result in results))
        summary = {}
        for target in targets:
            own = [result for result in results if result["target"] == target]
            try:
                scores = self._evaluate(own)
            except ValueError as error:
                if target is None:
                    raise
                raise ValueError(f"test set {target}: {error}") from error
            name = f"{target}/" if len(targets) > 1 else ""
            summary.update({name + key: value for key, value in scores.items()})
        return summary

    def _evaluate(self, results: list[dict[str, Any]]) -> dict[str, float]:
        is_query = np.array([result["is_query"] for result in results], bool)
        persons = np.array([result["person_id"] for result in results])
        cameras = np.array([result["camera_id"] for result in results])
        if self.keep_same_camera:
            cameras = np.full_like(cameras, -1)  # of unknown cameras nothing is removed
        embeddings = np.stack([result["embedding"] for result in results])
        labels = (
            persons[is_query],
            persons[~is_query],
            cameras[is_query],
            cameras[~is_query],
        )
        pair = (embeddings[is_query], embeddings[~is_query])
        scores = self._scores(pair, labels)
        if self.false_accept_rate is not None:
            point = same_person_threshold(
                pair,
                *labels,
                self.false_accept_rate,
                roc_rates=(),
                metric=self.metric,
            )
            scores["threshold"] = point.threshold
            scores["true_accept_rate"] = point.true_accept_rate
        refined, name = pair, ""
        if self.query_expansion is not None:
            refined = average_query_expansion(*refined, **self.query_expansion)
            name += "qe_"
        if self.re_ranking is not None:
            refined = re_ranking_from_embeddings(
                *refined, metric=self.metric, **self.re_ranking
            )
            name += "rerank_"
        if name:
            extra = self._scores(refined, labels)
            del extra["num_valid_queries"]
            scores.update({name + key: value for key, value in extra.items()})
        return scores

    def _scores(self, distances: Any, labels: tuple) -> dict[str, float]:
        found = self._rank(
            distances, *labels, max_rank=max(self.ranks), metric=self.metric
        )
        return self.summary(found)
