"""UP-ReID: unsupervised pre-training with intra-identity regularisation (CVPR 2022)."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Literal

import torch
from torch import Tensor

from mmpsearch.models.layers.precision import full_precision
from mmpsearch.models.losses.info_nce import (
    FORMS,
    PositiveForm,
    info_nce,
    multi_positive_nce,
)
from mmpsearch.models.selfsup.batch_statistics import (
    fixed_running_statistics,
    running_statistics,
)
from mmpsearch.models.selfsup.mmd import KERNELS, Kernel, mmd
from mmpsearch.models.selfsup.moco import MoCo
from mmpsearch.models.selfsup.partition import mirror_index, partition
from mmpsearch.registry import MODELS
from mmpsearch.utils.distributed import gather_with_gradient, gather_without_gradient

STATISTICS = {
    "batch": fixed_running_statistics,
    "running": running_statistics,
    "update": lambda module: nullcontext(),
}


@MODELS.register_module()
class UPReID(MoCo):
    """MoCo with two constraints on what the views of one person have in common.

    Consistency (eq. 2-4): similarities between the query views and the key views of a
    batch are distributed as those between the original images. Intrinsic contrast
    (eq. 5-10): every patch of the body agrees with the same patch of the other view,
    and with its horizontal mirror, against a queue of that patch of other people.

    ``L = consistency_weight * MMD + global_weight * L_0 + patch_weight * sum_i L_i``

    With ``grid=None`` and ``consistency_weight=0`` this is :class:`MoCo`. What the
    paper leaves open, and why the defaults are what they are: docs/up_reid.md.

    Args:
        grid: stripes and patches in a stripe, M in all; None: whole images alone.
        hard_mining: the mirrored patch is a positive too (Table 5).
        positives: how several positives count, see
            :func:`~mmpsearch.models.losses.multi_positive_nce`.
        patch_temperature: of the patches' contrast.
        global_weight: lambda of the whole image in eq. (9).
        patch_weight: lambda of every patch in eq. (9); None: ``1 / M``.
        consistency_weight: of the consistency loss; 0: without, and without original
            images.
        kernel: of the consistency loss, see :func:`~mmpsearch.models.selfsup.mmd.mmd`.
        gather_similarities: compare all ranks' images in the consistency loss, not
            each rank's by themselves.
        original_statistics: of batch norms for original images: ``batch``, without
            touching the running ones; ``running``; or ``update``, as for the views.
        **kwargs: of :class:`MoCo`.

    Raises:
        ValueError: an option that is not one of those above.
    """

    def __init__(
        self,
        *,
        grid: Sequence[int] | None = (4, 2),
        hard_mining: bool = True,
        positives: PositiveForm = "inside",
        patch_temperature: float = 0.1,
        global_weight: float = 1.0,
        patch_weight: float | None = None,
        consistency_weight: float = 1.0,
        kernel: Kernel = "rbf",
        gather_similarities: bool = False,
        original_statistics: Literal["batch", "running", "update"] = "batch",
        **kwargs,
    ) -> None:
        if original_statistics not in STATISTICS:
            raise ValueError(
                f"original_statistics must be one of {', '.join(STATISTICS)}, got "
                f"{original_statistics!r}"
            )
        if positives not in FORMS or kernel not in KERNELS:
            raise ValueError(
                f"positives must be one of {', '.join(FORMS)}, kernel one of "
                f"{', '.join(KERNELS)}, got {positives!r} and {kernel!r}"
            )
        if grid and (len(grid) != 2 or min(grid) < 1):
            raise ValueError(
                f"grid must be two whole numbers, stripes and patches in each, or None "
                f"for whole images alone, got {grid}"
            )
        if patch_temperature <= 0:
            raise ValueError(f"patch_temperature must be above 0: {patch_temperature}")
        if gather_similarities and kernel == "scalar":
            raise ValueError(
                "kernel='scalar' compares all pairs of all similarities, N^4 for a "
                "batch of N; set gather_similarities=False, or another kernel"
            )
        patches = grid[0] * grid[1] if grid else 0
        self.positions = 1 + patches  # before the queues are made
        super().__init__(**kwargs)
        self.grid = tuple(grid) if grid else None
        self.mirror = mirror_index(*grid).tolist() if grid and hard_mining else None
        self.positives, self.patch_temperature = positives, patch_temperature
        self.global_weight = global_weight
        self.patch_weight = (
            1 / max(patches, 1) if patch_weight is None else patch_weight
        )
        self.consistency_weight, self.kernel = consistency_weight, kernel
        self.gather_similarities = gather_similarities
        self.original_statistics = original_statistics

    def regions(self, view: Tensor) -> list[Tensor]:
        """The whole view, then its patches, row by row."""
        return [view, *(partition(view, *self.grid) if self.grid else ())]

    def compare(
        self, queries: Sequence[Tensor], keys: Tensor, inputs: Sequence[Tensor]
    ) -> dict[str, Tensor]:
        """``loss_global``, and ``loss_patch`` and ``loss_consistency`` where wanted."""
        queue = self.bank.queues[0]
        loss = info_nce(queries[0], keys[0], queue, self.temperature)
        losses = {"loss_global": self.global_weight * loss}
        if self.grid:
            losses["loss_patch"] = self.patch_weight * self._patch_loss(
                queries[1:], keys[1:]
            )
        if self.consistency_weight:
            if len(inputs) < 3:
                raise ValueError(
                    "the consistency loss needs original images: set "
                    "ContrastViews(original=True) in the pipeline, or "
                    "model.consistency_weight=0"
                )
            losses["loss_consistency"] = self.consistency_weight * mmd(
                self._similarity_matrix(queries[0], keys[0]),
                self._original_similarities(inputs[2]),
                self.kernel,
            )
        return losses

    def _patch_loss(self, queries: Sequence[Tensor], keys: Tensor) -> Tensor:
        """Sum over patches, of eq. (8), or of (10) with the mirrored positive."""
        losses = []
        for place, query in enumerate(queries):
            positives = [keys[place]]
            # a patch in the middle is its own mirror: one positive
            if self.mirror and self.mirror[place] != place:
                positives.append(keys[self.mirror[place]])
            losses.append(
                multi_positive_nce(
                    query,
                    positives,
                    self.bank.queues[place + 1],
                    self.patch_temperature,
                    self.positives,
                )
            )
        return torch.stack(losses).sum()

    def _similarity_matrix(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Cosines ``(N, N)``, of the rank's images or of all; eq. (2) and (3)."""
        if self.gather_similarities:
            queries = gather_with_gradient(queries)
            keys = gather_without_gradient(keys)
        with full_precision(queries):
            return queries @ keys.T

    @torch.no_grad()
    def _original_similarities(self, images: Tensor) -> Tensor:
        embeddings = []
        for encoder in (self.online, self.average):
            with STATISTICS[self.original_statistics](encoder):
                embeddings.append(encoder(images))
        return self._similarity_matrix(*embeddings)
