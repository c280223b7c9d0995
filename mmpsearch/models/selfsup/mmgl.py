"""MMGL: modality-aware multiple granularity learning (Wan et al., TIFS 2023)."""

from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.models.selfsup.base import SelfSupervisedBase
from mmpsearch.models.selfsup.cycle_contrastive_loss import share_found_in_pair
from mmpsearch.registry import MODELS

RGB, IR = 0, 1


@MODELS.register_module()
class MMGL(SelfSupervisedBase):
    """A two-stream network recovers the order of stripes, and finds them across.

    RGB and infrared pictures are paired at random; both of a pair are shuffled alike
    (:class:`StripeShufflePreprocessor`). Three losses: recover the permutation; pull
    together what a stripe finds in the other modality and back; tell each stripe's
    place from its embedding. Total: eq. (7), whose weight is taken to be the second
    loss's alone.

    Args:
        backbone: config of a
            :class:`~mmpsearch.models.backbones.TwoStreamResNet`.
        permutation_head: config of a
            :class:`~mmpsearch.models.heads.PermutationHead`.
        permutation_loss: config; a
            :class:`~mmpsearch.models.losses.PermutationReconstructionLoss` by default.
        part_neck: config of a
            :class:`~mmpsearch.models.necks.PartProjectionNeck`.
        cycle_loss: config; a
            :class:`~mmpsearch.models.losses.CycleContrastiveLoss` by default.
        cycle_weight: lambda of eq. (7); 0 leaves the loss out (Table V).
        part_weight: of the cross-entropy of stripes' places; 0 leaves it out.
        part_input: what the places are told from: stripe embeddings as the neck gave
            them (``raw``), or of unit length (``normalised``).
        num_stripes: ``S``, of head, neck and preprocessor.
        data_preprocessor: config; a :class:`StripeShufflePreprocessor` by default.
        init_cfg: see MMEngine's BaseModule.
    """

    def __init__(
        self,
        backbone: dict,
        permutation_head: dict,
        permutation_loss: dict | None = None,
        part_neck: dict | None = None,
        cycle_loss: dict | None = None,
        cycle_weight: float = 0.2,
        part_weight: float = 1.0,
        part_input: Literal["raw", "normalised"] = "raw",
        num_stripes: int = 6,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        preprocessor = {
            "type": "mmpsearch.StripeShufflePreprocessor",
            **(data_preprocessor or {}),
            "num_stripes": num_stripes,
        }
        super().__init__(preprocessor, init_cfg)
        if part_input not in ("raw", "normalised"):
            raise ValueError(
                f"part_input must be 'raw' or 'normalised', got {part_input!r}"
            )
        self.backbone = MODELS.build(backbone)
        self.permutation_head = MODELS.build(
            {**permutation_head, "num_stripes": num_stripes}
        )
        self.permutation_loss = MODELS.build(
            permutation_loss or dict(type="mmpsearch.PermutationReconstructionLoss")
        )
        self.cycle_weight, self.part_weight = cycle_weight, part_weight
        self.part_input = part_input
        # what has no loss is not built: distributed training would wait for it
        if cycle_weight or part_weight:
            if part_neck is None:
                raise ValueError("cycle_weight and part_weight need a part_neck")
            self.part_neck = MODELS.build({**part_neck, "num_stripes": num_stripes})
        if cycle_weight:
            self.cycle_loss = MODELS.build(
                cycle_loss or dict(type="mmpsearch.CycleContrastiveLoss")
            )
        if part_weight:
            self.part_classifier = nn.Linear(self.part_neck.embed_dims, num_stripes)

    def extract(self, inputs: Tensor, modalities: Tensor | None = None) -> Tensor:
        """Means ``(B, C)`` over the feature maps of images ``(B, 3, H, W)``.

        Args:
            inputs: normalised, not shuffled.
            modalities: ``(B,)`` int64; a two-stream backbone needs them.
        """
        return self.backbone(inputs, modalities)[-1].mean(dim=(2, 3))

    def forward(self, inputs: Tensor, mode: str = "tensor", **labels):
        """MMEngine's entry: ``mode`` is ``'loss'``, ``'predict'`` or ``'tensor'``."""
        if mode == "predict":
            return self.predict(inputs, **labels)
        return super().forward(inputs, mode, **labels)

    def loss(
        self,
        inputs: Tensor,
        modalities: Tensor,
        permutations: Tensor,
        data_samples: list | None = None,
    ) -> dict[str, Tensor]:
        """Losses of a batch, and what of it succeeds.

        Args:
            inputs: ``(B, 3, H, W)``, normalised, shuffled.
            modalities: ``(B,)`` int64, equal numbers of 0 (RGB) and 1 (infrared).
            permutations: ``(B, S)`` int64, equal within a pair.
            data_samples: not used.

        Returns:
            ``loss_permutation``, ``loss_cycle`` and ``loss_part``, weighted;
            ``permutation_accuracy`` and ``part_accuracy``, the shares of stripes
            whose place is the likeliest of its row; ``paired_share``, see
            :func:`~mmpsearch.models.selfsup.cycle_contrastive_loss.share_found_in_pair`.
        """
        features = self.backbone(inputs, modalities)
        affinity = self.permutation_head(features)
        found = {
            "loss_permutation": self.permutation_loss(affinity, permutations),
            "permutation_accuracy": _share(affinity, permutations),
        }
        if not (self.cycle_weight or self.part_weight):
            return found
        parts = self.part_neck(features)
        pair = parts[modalities == RGB], parts[modalities == IR]
        found["paired_share"] = share_found_in_pair(*pair)
        if self.cycle_weight:
            loss = self.cycle_loss(*pair)
            found["loss_cycle"] = self.cycle_weight * loss
        if self.part_weight:
            logits = self._part_logits(parts)
            loss = F.cross_entropy(logits.flatten(0, 1), permutations.flatten())
            found["loss_part"] = self.part_weight * loss
            found["part_accuracy"] = _share(logits, permutations)
        return found

    def _part_logits(self, parts: Tensor) -> Tensor:
        """``(B, S, D) -> (B, S, S)``: original place of every stripe."""
        if self.part_input == "normalised":
            parts = F.normalize(at_least_float32(parts), dim=-1)
        return at_least_float32(self.part_classifier(parts))

    def predict(
        self,
        inputs: Tensor,
        modalities: Tensor,
        permutations: Tensor,
        data_samples: list | None = None,
    ) -> list[dict[str, Tensor]]:
        """What :class:`~mmpsearch.evaluation.metrics.PermutationAccuracy` compares.

        Args:
            inputs: as in :meth:`loss`; any numbers of both modalities.
            modalities: as in :meth:`loss`.
            permutations: as in :meth:`loss`.
            data_samples: not used.

        Returns:
            Per image ``log_affinity`` ``(S, S)`` without noise, and ``permutation``
            ``(S,)``.
        """
        affinity = self.permutation_head(self.backbone(inputs, modalities))
        return [
            {"log_affinity": each, "permutation": order}
            for each, order in zip(affinity, permutations, strict=True)
        ]


def _share(logits: Tensor, places: Tensor) -> Tensor:
    return (logits.detach().argmax(dim=-1) == places).float().mean()
