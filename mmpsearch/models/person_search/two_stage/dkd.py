"""Diverse knowledge distillation for end-to-end person search (AAAI 2021)."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from mmpsearch.errors import CheckpointError
from mmpsearch.models.layers.boxes import clip_to_images
from mmpsearch.models.person_search.region_sampling import BoxBatch
from mmpsearch.models.person_search.structures import GroundTruth
from mmpsearch.models.person_search.two_stage.distillation import (
    Direction,
    pairwise_distillation,
    probability_distillation,
    triplet_distillation,
)
from mmpsearch.models.person_search.two_stage.frozen_teacher import FrozenTeacher
from mmpsearch.models.person_search.two_stage.model import TwoStageSearch
from mmpsearch.registry import MODELS
from mmpsearch.structures import PersonSearchSample


@dataclass(frozen=True)
class DistillationSettings:
    """Terms of the distillation and their readings (docs/dkd_choices.md).

    Attributes:
        probability: weight of L_p; 0 leaves the term out.
        pairwise: weight of L_pr.
        triplet: weight of L_tr.
        shifted: add L_p of shifted boxes, student and teacher alike (FSA, eq. 6).
        direction: of the divergence, see :func:`probability_distillation`.
        temperature: of the divergence.
        margin: of L_tr.
        normalise_pairs: see :func:`pairwise_distillation`.
        normalise_triplets: see :func:`triplet_distillation`.
        same_person_is_negative: in L_tr, as the paper says.
        boxes: ``'all'`` ground-truth boxes take part, or only ``'labelled'`` ones.
    """

    probability: float = 0.0
    pairwise: float = 0.0
    triplet: float = 0.0
    shifted: bool = False
    direction: Direction = "student_to_teacher"
    temperature: float = 1.0
    margin: float = 0.3
    normalise_pairs: bool = False
    normalise_triplets: bool = True
    same_person_is_negative: bool = True
    boxes: Literal["all", "labelled"] = "all"

    def __post_init__(self) -> None:
        if self.boxes not in ("all", "labelled"):
            raise ValueError(
                f"distillation.boxes must be 'all' or 'labelled', got {self.boxes!r}"
            )
        if self.shifted and not self.probability:
            raise ValueError(
                "distillation.shifted changes L_p (equation 6) and needs "
                "distillation.probability > 0"
            )

    @property
    def any(self) -> bool:
        """Whether there is a term at all."""
        return bool(self.probability or self.pairwise or self.triplet)


@MODELS.register_module()
class DKD(TwoStageSearch):
    """A two-stage model whose embeddings follow a re-identification teacher's.

    The teacher sees crops of the raw images (``gt_instances.crops``, cut by
    :class:`~mmpsearch.datasets.transforms.CutTeacherCrops`). It is read when training
    starts, and is neither trained nor saved: at test time there is only the student.

    L = L_det + reid_weight (L_reid + b_p L_p + b_pr L_pr + b_tr L_tr), equation 5.

    Args:
        teacher: config of the teacher, a :class:`~mmpsearch.models.reid.ReIDModel`
            with its ``num_identities``; None trains without (Ours-0).
        teacher_checkpoint: its weights.
        distillation: see :class:`DistillationSettings`.
        **kwargs: of :class:`TwoStageSearch`; the head is a
            :class:`~mmpsearch.models.search_heads.DKDHead`, the re-id loss an
            :class:`~mmpsearch.models.losses.IdentityCrossEntropy`.
    """

    def __init__(
        self,
        teacher: dict | None = None,
        teacher_checkpoint: str | None = None,
        distillation: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.distillation = DistillationSettings(**(distillation or {}))
        self.teacher_config, self.teacher_checkpoint = teacher, teacher_checkpoint
        self.teacher: FrozenTeacher | None = None

    def init_weights(self) -> None:
        """As always; then the teacher is read, where one is needed."""
        super().init_weights()
        if self.distillation.any:
            self.load_teacher()

    def load_teacher(self) -> None:
        """Read the teacher's weights.

        Raises:
            CheckpointError: there are none.
            ValueError: its classes are not as many as the student's.
        """
        if self.teacher_config is None or self.teacher_checkpoint is None:
            raise CheckpointError(
                "DKD: distillation needs a teacher; set model.teacher_checkpoint to "
                "weights trained with configs/dkd/teacher-*.py, and model.teacher to "
                "their model"
            )
        teacher = FrozenTeacher.from_checkpoint(
            self.teacher_config, self.teacher_checkpoint
        )
        self.use_teacher(teacher)

    def use_teacher(self, teacher: FrozenTeacher) -> None:
        """Distil from this teacher, whose classes must be as many as the student's."""
        if teacher.num_identities != self.reid_loss.num_identities:
            raise ValueError(
                f"{teacher.name} has {teacher.num_identities} identities, the student "
                f"{self.reid_loss.num_identities}; both must be trained on the same "
                "data set"
            )
        self.teacher = teacher

    def class_teacher(self) -> FrozenTeacher | None:
        """The teacher, once it is loaded."""
        return self.teacher

    def loss(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> dict[str, Tensor]:
        """Losses of proposals, head, identities and distillation.

        Args:
            inputs: ``(B, 3, H, W)`` preprocessed.
            data_samples: with ``gt_instances``; for distillation with ``crops``
                ``(n, 3, h, w)`` uint8 and, if boxes are shifted, ``shifted_crops`` and
                ``shifts`` ``(n, 2)`` (right and down, as shares of the box's sides).

        Returns:
            ``loss_rpn_cls``, ``loss_rpn_bbox``, the head's, ``loss_reid`` and
            ``loss_probability``, ``loss_pairwise``, ``loss_triplet`` as asked for.
        """
        feature_map = self.extract(inputs)
        losses, found = self._train_head(feature_map, data_samples)
        if self.reid_loss is None:
            return losses
        ids = found.person_ids
        losses["loss_reid"] = self.reid_weight * self.loss_of_found(found)
        if not self.distillation.any:
            return losses
        if self.teacher is None:
            self.load_teacher()
        terms = self._distil(feature_map, found.embeddings, ids, data_samples)
        losses.update({k: self.reid_weight * value for k, value in terms.items()})
        return losses

    def _distil(
        self,
        feature_map: Tensor,
        student: Tensor,
        person_ids: Tensor,
        data_samples: list[PersonSearchSample],
    ) -> dict[str, Tensor]:
        settings = self.distillation
        chosen: slice | Tensor = slice(None)
        if settings.boxes != "all":
            chosen = (person_ids >= 0).nonzero().flatten()
        crops = _collect(data_samples, "crops", student.device)
        teacher, advice = self.teacher(crops[chosen])
        student, person_ids = student[chosen], person_ids[chosen]
        terms = {}
        if settings.probability:
            logits = self.reid_loss.logits(student, person_ids)
            loss = self._probability(logits, advice)
            if settings.shifted:
                loss = loss + self._shifted(feature_map, chosen, data_samples)
            terms["loss_probability"] = settings.probability * loss
        if settings.pairwise:
            loss = pairwise_distillation(student, teacher, settings.normalise_pairs)
            terms["loss_pairwise"] = settings.pairwise * loss
        if settings.triplet:
            negatives = None if settings.same_person_is_negative else person_ids
            loss = triplet_distillation(
                student,
                teacher,
                settings.margin,
                settings.normalise_triplets,
                negatives,
            )
            terms["loss_triplet"] = settings.triplet * loss
        return terms

    def _probability(self, logits: Tensor, advice: Tensor) -> Tensor:
        settings = self.distillation
        return probability_distillation(
            logits, advice, settings.direction, settings.temperature
        )

    def _shifted(
        self,
        feature_map: Tensor,
        chosen: slice | Tensor,
        data_samples: list[PersonSearchSample],
    ) -> Tensor:
        """L_p of the shifted boxes: one shift for RoI and crop (equation 6)."""
        truth = GroundTruth.from_samples(data_samples, feature_map.device)
        shifts = _collect(data_samples, "shifts", feature_map.device)
        boxes = shift_boxes(truth.boxes, shifts)
        boxes = clip_to_images(boxes, truth.image_index, truth.image_sizes)
        people = BoxBatch(boxes[chosen], truth.image_index[chosen])
        student = self.search_head.embed(feature_map, people)
        crops = _collect(data_samples, "shifted_crops", feature_map.device)
        _, advice = self.teacher(crops[chosen])
        ids = truth.person_ids[chosen]
        return self._probability(self.reid_loss.logits(student, ids), advice)


def shift_boxes(boxes: Tensor, shifts: Tensor) -> Tensor:
    """Move boxes by shares of their sides.

    Shares do not change when the image is resized: in raw pixels, in the network's
    input and (divided by the stride) on the feature map it is the same shift.

    Args:
        boxes: ``(N, 4)`` xyxy.
        shifts: ``(N, 2)`` right and down.

    Returns:
        ``(N, 4)`` xyxy.
    """
    move = shifts.to(boxes.dtype) * (boxes[:, 2:] - boxes[:, :2])
    return boxes + torch.cat([move, move], dim=1)


def _collect(
    data_samples: list[PersonSearchSample], name: str, device: torch.device
) -> Tensor:
    """A field of all ground-truth boxes, images concatenated."""
    if any(name not in sample.gt_instances for sample in data_samples):
        raise ValueError(
            f"DKD: gt_instances has no {name!r}; the training pipeline needs "
            "mmpsearch.CutTeacherCrops after LoadImage, and "
            "mmpsearch.PackDistillationInputs at its end"
        )
    rows = [getattr(sample.gt_instances, name) for sample in data_samples]
    return torch.cat(rows).to(device)
