"""Infrared queries of SYSU-MM01 among visible pictures, for MMEngine's evaluator."""

from collections.abc import Sequence
from itertools import product
from typing import Any, Literal

import numpy as np

from mmpsearch.datasets.cross_modality.gallery_permutations import (
    read_gallery_permutations,
)
from mmpsearch.evaluation.functional.cross_modality import (
    mean_over_trials,
    sysu_mm01_metrics,
)
from mmpsearch.evaluation.functional.cross_modality_galleries import (
    CAMERAS,
    NUM_TRIALS,
    SHOTS,
    matlab_galleries,
    python_galleries,
)
from mmpsearch.evaluation.functional.distance_rows import Metric
from mmpsearch.evaluation.metrics.modality_results import ModalityMetric, one_or_several
from mmpsearch.registry import METRICS

Mode = Literal["all", "indoor"]
Shot = Literal["single", "multi"]


@METRICS.register_module()
class SYSUMM01Metric(ModalityMetric):
    """rank-k, mAP and mINP of SYSU-MM01, mean of ten random galleries.

    The samples are those of a test partition of
    :class:`~mmpsearch.datasets.SYSUMM01`, in its order: every infrared picture is a
    query, the visible ones are what galleries are drawn from. Distances are computed
    once for all modes, shots and trials.

    Every result is named ``<mode>_<shot>_<protocol>/<metric>``, such as
    ``all_single_python/rank1``, as the two protocols draw different galleries.

    Args:
        mode: ``'all'`` (cameras 1, 2, 4, 5) or ``'indoor'`` (1, 2), or several.
        shot: ``'single'`` or ``'multi'`` (ten pictures per person and camera), or
            several.
        protocol: Whose galleries: ``'python'`` (seeded ``random``: AGW, DDAG, CAJ,
            MMGL) or ``'matlab'`` (the authors' permutations: MPANet, MutualInfo).
        permutations: The authors' ``rand_perm_cam.mat``, for ``'matlab'``. Default:
            that of the data set.
        num_trials: Galleries to average, 1 to 10.
        metric: Distance between embeddings, ``cosine`` or ``euclidean``.
        ranks: Points of the CMC to report.
        collect_device: ``cpu`` or ``gpu``, how ranks exchange results.
        prefix: Put before the results' names.
    """

    def __init__(
        self,
        mode: Mode | Sequence[Mode] = "all",
        shot: Shot | Sequence[Shot] = "single",
        protocol: Literal["python", "matlab"] = "python",
        permutations: str | None = None,
        num_trials: int = NUM_TRIALS,
        metric: Metric = "cosine",
        ranks: Sequence[int] = (1, 10, 20),
        collect_device: str = "cpu",
        prefix: str | None = None,
    ) -> None:
        super().__init__(metric, ranks, collect_device, prefix)
        self.modes = one_or_several(mode, tuple(CAMERAS), "mode")
        self.shots = one_or_several(shot, tuple(SHOTS), "shot")
        (self.protocol,) = one_or_several(protocol, ("python", "matlab"), "protocol")
        if not 1 <= num_trials <= NUM_TRIALS:
            raise ValueError(f"num_trials must be 1 to {NUM_TRIALS}, got {num_trials}")
        self.permutations = permutations
        self.num_trials = num_trials

    def compute_metrics(self, results: list[dict[str, Any]]) -> dict[str, float]:
        """Results of every mode and shot.

        Raises:
            ValueError: Without samples of both modalities, without a match, or
                without permutations where the protocol needs them.
        """
        fields = self.gather(results)
        is_query = fields["modality"] == "ir"
        embeddings, people = fields["embedding"], fields["person_id"]
        cameras = fields["camera_id"] + 1  # official numbers
        settings = list(product(self.modes, self.shots))
        galleries = self._galleries(people[~is_query], cameras[~is_query], settings)
        found = sysu_mm01_metrics(
            (embeddings[is_query], embeddings[~is_query]),
            people[is_query],
            people[~is_query],
            cameras[is_query],
            cameras[~is_query],
            max(self.ranks),
            metric=self.metric,
            galleries=[gallery for trials in galleries for gallery in trials],
        )
        summary = {}
        for i, (mode, shot) in enumerate(settings):
            trials = found[i * self.num_trials : (i + 1) * self.num_trials]
            name = f"{mode}_{shot}_{self.protocol}"
            summary |= self.report(mean_over_trials(trials), name)
        return summary

    def _galleries(
        self, people: np.ndarray, cameras: np.ndarray, settings: list[tuple]
    ) -> list[list[np.ndarray]]:
        """Galleries of every setting, one per trial."""
        if self.protocol == "python":
            return [
                python_galleries(
                    people, cameras, CAMERAS[mode], SHOTS[shot], self.num_trials
                )
                for mode, shot in settings
            ]
        path = self.permutations
        if path is None:
            path = (self.dataset_meta or {}).get("gallery_permutations")
        if path is None:
            raise ValueError(
                "SYSUMM01Metric(protocol='matlab') needs exp/rand_perm_cam.mat, which "
                "the data set lacks; put it there, name it as 'permutations', or use "
                "protocol='python'"
            )
        tables = read_gallery_permutations(path)
        return [
            matlab_galleries(
                people, cameras, CAMERAS[mode], SHOTS[shot], tables, self.num_trials
            )
            for mode, shot in settings
        ]
