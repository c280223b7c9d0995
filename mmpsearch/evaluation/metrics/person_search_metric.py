"""Person search as a metric of the runner."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger

from mmpsearch.evaluation.functional import (
    Detections,
    ListedGallery,
    PairDetections,
    WholeGallery,
    detection_metrics,
    per_camera_summary,
    person_search_metrics,
    query_centric_detection_metrics,
    query_centric_search_metrics,
)
from mmpsearch.evaluation.functional.cbgm import context_of_queries
from mmpsearch.evaluation.functional.gallery import Cameras, Policy, gallery_of
from mmpsearch.evaluation.functional.matching import MatchRule
from mmpsearch.evaluation.functional.query_results import Unmatched
from mmpsearch.evaluation.functional.scene_filter import scene_filter_metrics
from mmpsearch.evaluation.metrics.image_output import image_output
from mmpsearch.evaluation.metrics.pair_outputs import (
    PairOutputs,
    is_query_centric,
    pair_output,
)
from mmpsearch.evaluation.metrics.result_rows import result_row, write_rows
from mmpsearch.evaluation.metrics.search_outputs import SearchOutputs
from mmpsearch.registry import METRICS
from mmpsearch.structures import SearchProtocol
from mmpsearch.utils.distributed import gather_without_gradient

Gallery = ListedGallery | WholeGallery
Search = Callable[[SearchProtocol, Gallery], dict[str, float]]


@METRICS.register_module()
class PersonSearchMetric(BaseMetric):
    """Detection and search results of one pass over a person-search test set.

    Every data sample brings ``pred_instances`` (``bboxes`` (K, 4) xyxy in original
    pixels, ``scores``, ``embeddings``), ``query_instances`` (``query_ids``,
    ``embeddings``; may be absent in images without query) and, where the model
    embeds the ground truth, ``gt_instances.embeddings``. The protocol comes from
    ``dataset_meta["protocol"]``. Several gallery sizes are evaluated in the same
    pass when ``dataset_meta["protocols"]`` (name -> protocol over the same images
    and queries) is there.

    Where ``pred_instances`` has ``query_ids`` and ``similarities`` (in place of
    ``embeddings``), its boxes were found for these queries, and the results are those
    of :mod:`~mmpsearch.evaluation.functional.query_centric`.

    Results: ``mAP``, ``top1``, ``top5``, ``top10``, ``det_ap``, ``det_recall``; with
    ground-truth embeddings ``gt_mAP``, ``gt_top1``; with ``scene_filter`` the same as
    ``gfn_mAP`` and so on, and ``scene_mAP``, ``scene_top1``, ``scene_threshold`` and
    ``scene_filtered``, see :func:`scene_filter_metrics`; of each further protocol
    ``<name>/mAP`` and so on; of each of ``further_cameras`` ``same_camera/mAP`` and so
    on; per camera ``camera<c>/mAP`` and so on.

    Args:
        score_threshold: Detections below it are ignored.
        gallery: ``"protocol"`` searches the protocol's lists if it has any, else the
            whole set; ``"whole"`` always searches the whole set.
        cameras: In the whole gallery: ``"all"`` images, only those of other cameras
            (``"cross"``), or only those of the query's camera (``"same"``).
        further_cameras: Report these as well, from the same outputs.
        confidence_weighted: Multiply similarities by detection scores.
        context: Turns on context bipartite graph matching:
            ``dict(num_detections=10, num_people=3)`` for CUHK-SYSU, 30 and 4 for
            PRW.
        scene_filter: Also report the search with similarities weighted by scene
            scores, of a model with a gallery filter network.
        detection_rule: Treatment of equal overlaps, see :func:`match_boxes`.
        labelled_only: Report ``det_ap`` and ``det_recall`` of labelled people only.
        unmatched: Queries whose person is in no gallery image count as 0
            (``"zero"``) or are left out (``"skip"``).
        topk: Which top-k accuracies to report.
        per_camera: Also report search results by the query's camera.
        rows: Write the results to this ``.json`` file, one row per gallery with its
            size: the points of a figure.
        dump: Write the model's outputs to this ``.npz`` file
            (:class:`SearchOutputs`; of query-centric results :class:`PairOutputs`).
        prefix: Prefix of the names of results.
    """

    default_prefix = ""

    def __init__(
        self,
        score_threshold: float = 0.5,
        gallery: Policy = "protocol",
        cameras: Cameras = "all",
        further_cameras: Sequence[Cameras] = (),
        confidence_weighted: bool = False,
        context: dict[str, int] | None = None,
        scene_filter: bool = False,
        detection_rule: MatchRule = "one_to_one",
        labelled_only: bool = False,
        unmatched: Unmatched = "zero",
        topk: Sequence[int] = (1, 5, 10),
        per_camera: bool = False,
        rows: str | None = None,
        dump: str | None = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(prefix=prefix)
        if gallery not in ("protocol", "whole"):
            raise ValueError(f"gallery must be 'protocol' or 'whole', got {gallery!r}")
        self.score_threshold = score_threshold
        self.gallery = gallery
        self.cameras = cameras
        self.further_cameras = tuple(further_cameras)
        self.confidence_weighted = confidence_weighted
        self.context = context
        self.scene_filter = scene_filter
        self.detection_rule = detection_rule
        self.labelled_only = labelled_only
        self.unmatched = unmatched
        self.topk = tuple(topk)
        self.per_camera = per_camera
        self.rows = rows
        self.dump = dump

    @property
    def protocol(self) -> SearchProtocol:
        """The main protocol of the test set."""
        protocol = (self.dataset_meta or {}).get("protocol")
        if protocol is None:
            raise ValueError(
                "PersonSearchMetric needs dataset.metainfo['protocol']: evaluate on "
                "the test split of a person-search dataset"
            )
        return protocol

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep the outputs for a batch of images as float32 arrays."""
        for sample in data_samples:
            read = pair_output if is_query_centric(sample) else image_output
            self.results.append(read(sample, self.protocol))

    def compute_metrics(
        self, results: list[SearchOutputs] | list[PairOutputs]
    ) -> dict[str, float]:
        """Results of one process's outputs."""
        return self.compute(_join(results))

    def evaluate(self, size: int) -> dict[str, float]:
        """Gather the outputs of all ranks and evaluate them on the first.

        Args:
            size: Length of the dataset; not needed, since repeated images are told
                apart by their position.
        """
        outputs = _join(self.results).gather()
        self.results.clear()
        answer: list[Any] = [None]
        if is_main_process():
            try:
                found = self.compute(outputs)
                prefix = f"{self.prefix}/" if self.prefix else ""
                answer = [{prefix + name: value for name, value in found.items()}]
            except Exception as error:  # the other ranks wait: tell them as well
                answer = [error]
        broadcast_object_list(answer)
        if isinstance(answer[0], Exception):
            raise answer[0]
        return answer[0]

    def compute(self, outputs: SearchOutputs | PairOutputs) -> dict[str, float]:
        """All results from the outputs for the whole test set."""
        outputs = outputs.in_order()
        if self.dump is not None:
            outputs.save(self.dump)
        if isinstance(outputs, PairOutputs):
            found, search = self._query_centric(outputs)
        else:
            found, search = self._object_centric(outputs)
        metrics, rows = {}, []
        for name, (protocol, gallery) in self._galleries().items():
            results = search(protocol, gallery)
            if not name:
                results.update(det_ap=found["ap"], det_recall=found["recall"])
            prefix = f"{name}/" if name else ""
            metrics.update({prefix + key: value for key, value in results.items()})
            if self.rows is not None:
                rows.append(result_row(name, protocol, gallery, results))
        if self.rows is not None:
            write_rows(self.rows, rows)
        return metrics

    def _galleries(self) -> dict[str, tuple[SearchProtocol, Gallery]]:
        """Name -> protocol and gallery policy; the main ones have no name."""
        main = self.protocol
        galleries = {"": (main, self._gallery(main))}
        for name, protocol in self.dataset_meta.get("protocols", {}).items():
            if protocol is not main:
                _check_same_queries(main, protocol)
                galleries[name] = (protocol, self._gallery(protocol))
        if self.further_cameras and main.gallery_offsets is not None:
            raise ValueError(
                f"protocol {main.name!r} lists its galleries, so further_cameras does "
                "not apply"
            )
        for cameras in self.further_cameras:
            galleries[f"{cameras}_camera"] = (main, WholeGallery(main, cameras))
        return galleries

    def _gallery(self, protocol: SearchProtocol) -> Gallery:
        return gallery_of(protocol, self.gallery, self.cameras)

    def _object_centric(self, outputs: SearchOutputs) -> tuple[dict, Search]:
        """Detection results, and the search in a protocol's galleries."""
        detections = outputs.detections(self.protocol)
        queries = outputs.queries(self.protocol)
        truth = outputs.ground_truth(self.protocol)
        found = detection_metrics(
            self.protocol,
            detections,
            score_threshold=self.score_threshold,
            labelled_only=self.labelled_only,
            rule=self.detection_rule,
        )
        search = partial(
            self._search, detections=detections, queries=queries, truth=truth
        )
        if not self.scene_filter:
            return found, search
        scores = outputs.scene_scores(self.protocol)
        return found, partial(self._with_scenes, search=search, scores=scores)

    def _with_scenes(
        self,
        protocol: SearchProtocol,
        gallery: Gallery,
        search: Callable[..., dict[str, float]],
        scores: np.ndarray,
    ) -> dict[str, float]:
        """A search without and with the scenes' scores, and how good these are."""
        metrics = search(protocol, gallery)
        weighted = search(protocol, gallery, scene_scores=scores)
        metrics.update({f"gfn_{name}": value for name, value in weighted.items()})
        return metrics | scene_filter_metrics(scores, gallery)

    def _query_centric(self, outputs: PairOutputs) -> tuple[dict, Search]:
        """The same from boxes that were found for one query each."""
        for name, wrong in (
            ("gallery", self.gallery != "protocol"),
            ("context", self.context is not None),
            ("scene_filter", self.scene_filter),
            ("labelled_only", self.labelled_only),
        ):
            if wrong:
                raise ValueError(
                    f"PersonSearchMetric: {name} does not apply to query-centric "
                    "results; remove it, or test object-centric"
                )
        detections = outputs.detections(self.protocol)
        found = query_centric_detection_metrics(
            self.protocol,
            detections,
            score_threshold=self.score_threshold,
            rule=self.detection_rule,
        )
        return found, partial(self._search_pairs, detections=detections)

    def _search_pairs(
        self, protocol: SearchProtocol, gallery: Gallery, detections: PairDetections
    ) -> dict[str, float]:
        found = query_centric_search_metrics(
            protocol,
            detections,
            score_threshold=self.score_threshold,
            gallery=gallery,
            confidence_weighted=self.confidence_weighted,
            topk=self.topk,
            unmatched=self.unmatched,
        )
        return self._summary(protocol, found)

    def _search(
        self,
        protocol: SearchProtocol,
        gallery: Gallery,
        detections: Detections,
        queries: np.ndarray,
        truth: Detections | None,
        scene_scores: np.ndarray | None = None,
    ) -> dict[str, float]:
        options: dict[str, Any] = dict(
            scene_scores=scene_scores,
            score_threshold=self.score_threshold,
            gallery=gallery,
            confidence_weighted=self.confidence_weighted,
            topk=self.topk,
            unmatched=self.unmatched,
        )
        if self.context is not None:
            people = detections.above(self.score_threshold)
            options["context"] = context_of_queries(
                protocol, queries, people, **self.context
            )
        found = person_search_metrics(protocol, detections, queries, **options)
        metrics = self._summary(protocol, found)
        if truth is not None:
            found = person_search_metrics(protocol, truth, queries, **options)
            metrics.update({f"gt_{name}": found[name] for name in self._names()[:2]})
        return metrics

    def _names(self) -> list[str]:
        return ["mAP", *(f"top{k}" for k in self.topk)]

    def _summary(
        self, protocol: SearchProtocol, found: dict[str, Any]
    ) -> dict[str, float]:
        """What of a search is reported."""
        metrics = {name: found[name] for name in self._names()}
        if found["num_unmatched"]:
            MMLogger.get_current_instance().warning(
                f"{protocol.name}: {found['num_unmatched']} of {found['num_queries']} "
                f"queries are in no gallery image; they count as {self.unmatched!r}"
            )
        if self.per_camera:
            cameras = protocol.image_cameras[protocol.query_images]
            summaries = per_camera_summary(
                found["per_query"], cameras, self.topk, self.unmatched
            )
            for camera, summary in summaries.items():
                metrics.update({f"camera{camera}/{k}": v for k, v in summary.items()})
        return metrics


def _join(
    results: list[SearchOutputs] | list[PairOutputs],
) -> SearchOutputs | PairOutputs:
    """The outputs of this rank's images, of one kind on all ranks."""
    pairs = bool(results) and isinstance(results[0], PairOutputs)
    if gather_without_gradient(torch.tensor([pairs])).any():
        return PairOutputs.from_images(results)
    return SearchOutputs.from_images(results)


def _check_same_queries(protocol: SearchProtocol, other: SearchProtocol) -> None:
    same = protocol.image_keys == other.image_keys and np.array_equal(
        protocol.query_person_ids, other.query_person_ids
    )
    if not same:
        raise ValueError(
            f"protocols {protocol.name!r} and {other.name!r} differ in images or "
            f"queries; evaluate them in separate runs"
        )
