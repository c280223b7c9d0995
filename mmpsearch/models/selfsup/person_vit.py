"""PersonViT: self-distillation with masked patches (Hu et al., 2024)."""

from collections.abc import Mapping, Sequence

import torch
from mmengine.model import ModuleDict
from torch import Tensor

from mmpsearch.models.layers.momentum_encoder import follow_by_name
from mmpsearch.models.layers.precision import full_precision
from mmpsearch.models.layers.same_size import together_by_size
from mmpsearch.models.selfsup.base import SelfSupervisedBase
from mmpsearch.models.selfsup.output_center import OutputCenter
from mmpsearch.models.selfsup.self_distillation import (
    class_distillation,
    masked_patch_distillation,
    masked_patch_weights,
    teacher_distribution,
)
from mmpsearch.registry import MODELS
from mmpsearch.utils.schedules import Ramp, cosine_between

IBOT_RAMP = dict(start=0.04, end=0.07, epochs=30)


@MODELS.register_module()
class PersonViT(SelfSupervisedBase):
    """A student follows its own moving average, on class tokens and masked patches.

    The teacher sees whole global views; the student sees them with patches masked,
    and small local views. The student's class tokens follow the teacher's of other
    views (DINO), its masked patches the teacher's at the same place (iBOT).

    Logits of patches are made where a patch is masked only. The teacher's centre,
    which is the mean over all patches, does not need them: the prototypes are linear
    in the bottleneck, so the mean of logits is the logits of the mean.

    Args:
        backbone: config of a
            :class:`~mmpsearch.models.backbones.VisionTransformer`. The teacher's has
            neither stochastic depth nor mask token.
        head: config of a :class:`~mmpsearch.models.heads.PrototypeHead`.
        teacher_head: what differs in the teacher's, such as ``dict(shared=True)``.
        student_temperature: of the student's distributions.
        class_temperature: :class:`~mmpsearch.utils.schedules.Ramp` over epochs of the
            teacher's temperature on class tokens.
        patch_temperature: the same on patches.
        momentum: of the teacher at the start; a cosine over iterations brings it to 1.
        class_center_momentum: of the centre of class tokens.
        patch_center_momentum: of the centre of patches.
        class_weight: weight of the loss of class tokens, lambda 1 of eq. (8).
        patch_weight: of the loss of masked patches, lambda 2 of eq. (8); 0 is DINO
            (Table 4), with the same masked input.
        mask_start_epoch: epochs without masks at the beginning.
        data_preprocessor: config, with the normalisation constants.
        init_cfg: see MMEngine's BaseModule.
    """

    def __init__(
        self,
        backbone: dict,
        head: dict,
        teacher_head: Mapping | None = None,
        student_temperature: float = 0.1,
        class_temperature: Mapping = IBOT_RAMP,
        patch_temperature: Mapping = IBOT_RAMP,
        momentum: float = 0.996,
        class_center_momentum: float = 0.9,
        patch_center_momentum: float = 0.9,
        class_weight: float = 1.0,
        patch_weight: float = 1.0,
        mask_start_epoch: int = 0,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        preprocessor = data_preprocessor or dict(type="mmpsearch.ViewsPreprocessor")
        super().__init__(preprocessor, init_cfg)
        teachers = {**backbone, "drop_path": 0.0, "mask_token": False, "init_cfg": None}
        student = MODELS.build({**backbone, "mask_token": True})
        self.student = ModuleDict({"backbone": student, "head": MODELS.build(head)})
        self.teacher = ModuleDict(
            {
                "backbone": MODELS.build(teachers),
                "head": MODELS.build({**head, **(teacher_head or {})}),
            }
        )
        self.teacher.requires_grad_(False)
        self._copy_student()
        self.student_temperature = student_temperature
        self.class_temperature = Ramp(**class_temperature)
        self.patch_temperature = Ramp(**patch_temperature)
        self.momentum = momentum
        self.class_weight, self.patch_weight = class_weight, patch_weight
        self.mask_start_epoch = mask_start_epoch
        sizes = self.student.head
        self.class_center = OutputCenter(sizes.prototypes, class_center_momentum)
        self.patch_center = OutputCenter(sizes.patch_prototypes, patch_center_momentum)

    def init_weights(self) -> None:
        """The student's, also pre-trained ones; the teacher copies them."""
        super().init_weights()
        self._copy_student()

    def _copy_student(self) -> None:
        follow_by_name(self.teacher, self.student, momentum=0.0)

    def extract(self, inputs: Tensor) -> Tensor:
        """The teacher's class tokens ``(B, C)`` of images ``(B, 3, H, W)``."""
        return self.teacher.backbone(inputs)[0][:, 0]

    def loss(self, inputs: Sequence[Tensor], masks: Tensor) -> dict[str, Tensor]:
        """Losses of a batch; the teacher's outputs are noted for the centres.

        Args:
            inputs: per view ``(B, 3, h, w)``, normalised; the G global views first.
            masks: ``(G, B, rows, columns)`` bool, True where a patch is masked.

        Returns:
            ``loss_class`` and ``loss_patch``, weighted.
        """
        (views, batch), epoch = masks.shape[:2], self.progress.epoch
        mask = masks.flatten(0, 1)  # (G B, rows, columns): one view after the other
        if epoch < self.mask_start_epoch:
            mask = torch.zeros_like(mask)
        chosen = mask.flatten(1)  # patches with a loss
        if not self.patch_weight:
            chosen = torch.zeros_like(chosen)
        whole = torch.cat(list(inputs[:views]))
        # once: how many there are is a question to the GPU
        places = chosen.nonzero(as_tuple=True)
        class_targets, patch_targets = self._teach(whole, places)
        class_logits, patch_logits = self._learn(whole, mask, places, inputs[views:])
        loss_class = class_distillation(
            teacher_distribution(
                class_targets,
                self.class_center.center,
                self.class_temperature.at(epoch),
            ).split(batch),
            class_logits.split(batch),
            self.student_temperature,
        )
        loss_patch = masked_patch_distillation(
            teacher_distribution(
                patch_targets,
                self.patch_center.center,
                self.patch_temperature.at(epoch),
            ),
            patch_logits,
            masked_patch_weights(chosen, places[0]),
            self.student_temperature,
        )
        return {
            "loss_class": self.class_weight * loss_class,
            "loss_patch": self.patch_weight * loss_patch,
        }

    @torch.no_grad()
    def _teach(
        self, images: Tensor, places: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Logits ``(N, K)`` of class tokens and ``(M, K)`` of chosen patches.

        Args:
            images: ``(N, 3, H, W)``.
            places: image and patch of each chosen patch, ``(M,)`` int64.
        """
        head = self.teacher.head
        tokens = head.bottleneck(self.teacher.backbone(images)[0])
        class_logits = head.class_logits(tokens[:, 0])
        self.class_center.observe(class_logits.float().mean(dim=0), len(images))
        with full_precision(tokens):
            mean = tokens[:, 1:].float().mean(dim=(0, 1))
            patches = tokens[:, 1:, 0].numel()
            self.patch_center.observe(head.patch_logits(mean), patches)
        return class_logits, head.patch_logits(_patches(tokens, places))

    def _learn(
        self,
        images: Tensor,
        mask: Tensor,
        places: tuple[Tensor, Tensor],
        local_views: Sequence[Tensor],
    ) -> tuple[Tensor, Tensor]:
        """Logits ``(N + locals, K)`` of class tokens and ``(M, K)`` of patches."""
        backbone, head = self.student.backbone, self.student.head
        tokens = backbone(images, mask=mask)[0]
        classes = [tokens[:, 0], *self._local_classes(local_views)]
        rows = sum(len(each) for each in classes)
        bottleneck = head.bottleneck(torch.cat([*classes, _patches(tokens, places)]))
        return head.class_logits(bottleneck[:rows]), head.patch_logits(
            bottleneck[rows:]
        )

    def _local_classes(self, views: Sequence[Tensor]) -> list[Tensor]:
        """Class tokens ``(B, C)`` per view; views of one size go through together."""
        return together_by_size(lambda x: self.student.backbone(x)[0][:, 0], views)

    def after_optimizer_step(self) -> None:
        """The teacher follows the student, the centres the teacher's outputs."""
        done, total = self.progress.iteration, self.progress.iterations
        momentum = cosine_between(done, self.momentum, 1.0, total)
        follow_by_name(self.teacher, self.student, momentum)
        self.class_center.step()
        self.patch_center.step()


def _patches(tokens: Tensor, places: tuple[Tensor, Tensor]) -> Tensor:
    """Rows ``(M, C)`` of tokens ``(N, 1 + P, C)``; the first is the class's."""
    image, patch = places
    return tokens[image, patch + 1]
