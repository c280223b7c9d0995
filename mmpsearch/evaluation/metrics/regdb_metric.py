"""RegDB in both directions, for MMEngine's evaluator."""

from collections.abc import Sequence
from typing import Any, Literal

from mmpsearch.evaluation.functional.distance_rows import Metric
from mmpsearch.evaluation.functional.rank import rank_metrics
from mmpsearch.evaluation.metrics.modality_results import ModalityMetric, one_or_several
from mmpsearch.registry import METRICS

Direction = Literal["visible_to_thermal", "thermal_to_visible"]
QUERY_MODALITY = {"visible_to_thermal": "rgb", "thermal_to_visible": "ir"}


@METRICS.register_module()
class RegDBMetric(ModalityMetric):
    """rank-k, mAP and mINP of one trial of RegDB.

    The pictures of one modality are the queries, those of the other the gallery;
    nothing is removed, and the CMC ranks pictures. Every result is named
    ``<direction>/<metric>``, such as ``visible_to_thermal/rank1``; ``trial`` repeats
    the data set's trial. Published numbers are means over trials 1 to 10, each with
    a model of its own.

    Args:
        direction: ``'visible_to_thermal'`` (visible queries),
            ``'thermal_to_visible'``, or both.
        metric: Distance between embeddings, ``cosine`` or ``euclidean``.
        ranks: Points of the CMC to report.
        collect_device: ``cpu`` or ``gpu``, how ranks exchange results.
        prefix: Put before the results' names.
    """

    def __init__(
        self,
        direction: Direction | Sequence[Direction] = "visible_to_thermal",
        metric: Metric = "cosine",
        ranks: Sequence[int] = (1, 10, 20),
        collect_device: str = "cpu",
        prefix: str | None = None,
    ) -> None:
        super().__init__(metric, ranks, collect_device, prefix)
        self.directions = one_or_several(direction, tuple(QUERY_MODALITY), "direction")

    def compute_metrics(self, results: list[dict[str, Any]]) -> dict[str, float]:
        """Results of every direction.

        Raises:
            ValueError: Without samples of both modalities, or without a match.
        """
        fields = self.gather(results)
        summary = {}
        for direction in self.directions:
            is_query = fields["modality"] == QUERY_MODALITY[direction]
            embeddings, people = fields["embedding"], fields["person_id"]
            found = rank_metrics(
                (embeddings[is_query], embeddings[~is_query]),
                people[is_query],
                people[~is_query],
                max_rank=max(self.ranks),
                metric=self.metric,
            )
            summary |= self.report(found, direction)
        trial = (self.dataset_meta or {}).get("trial")
        return summary | ({"trial": float(trial)} if trial is not None else {})
