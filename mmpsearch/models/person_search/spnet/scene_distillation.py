"""What the backbone knew of ImageNet, kept in pre-training (paper, supplement 9.1)."""

import copy

import torch
from mmengine.runner.checkpoint import CheckpointLoader
from torch import Tensor, nn

from mmpsearch.errors import CheckpointError
from mmpsearch.models.person_search.spnet.last_stage import last_stage_of
from mmpsearch.models.person_search.spnet.learning_without_forgetting_loss import (
    LearningWithoutForgettingLoss,
)
from mmpsearch.registry import MODELS

# Names of a classifier's last layer: MMPretrain's, and torchvision's for a ResNet
# and a ConvNeXt.
LINEAR_KEYS = ("head.fc.", "fc.", "classifier.2.")
# MMPretrain's ConvNeXt keeps the norm before the last layer in its backbone.
NORM_KEYS = ("backbone.norm3.", "norm3.", "classifier.0.")
REMEDY = (
    "start from an ImageNet classifier by model.backbone.init_cfg "
    "(type=mmpsearch.Named, name=convnext_tiny_imagenet), or give one's file by "
    "model.scene_distillation.checkpoint"
)


class SceneClassifier(nn.Module):
    """An image classifier's layers after the backbone.

    Args:
        channels: of the backbone's last map.
        num_classes: number of classes ``C``.
        norm: put a layer norm between the global mean and the linear layer.
    """

    def __init__(self, channels: int, num_classes: int, norm: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels, eps=1e-6) if norm else nn.Identity()
        self.linear = nn.Linear(channels, num_classes)

    def forward(self, last_map: Tensor) -> Tensor:
        """Args: last_map ``(B, channels, h, w)``. Returns logits ``(B, C)``."""
        return self.linear(self.norm(last_map.mean(dim=(2, 3))))


@MODELS.register_module()
class SceneDistillation(nn.Module):
    """Learning without Forgetting: scenes are still classified as at the start.

    The teacher, a frozen copy of the initial backbone with its ImageNet classifier,
    classifies every training image; the backbone in training, whose classifier goes on
    learning too, has to agree. Both classify the padded network input.

    As in the public code the teacher stays in train mode with the model, stochastic
    depth included. No gradient reaches it and the optimizer never changes it. Like the
    momentum encoder it is part of the training's checkpoints, so that a resumed run
    has the very same teacher; fine-tuning and testing leave it behind.

    Args:
        backbone: that is trained; not kept.
        num_classes: of the ImageNet classifier.
        norm: it has a layer norm before its linear layer. ConvNeXt's has; ResNet's has
            not, and MMPretrain's Swin normalises inside the backbone.
        checkpoint: file with the classifier's weights (``head.fc.*``, and with ``norm``
            also ``backbone.norm3.*``). None: the file that the backbone's ``init_cfg``
            names.
        loss: options of :class:`LearningWithoutForgettingLoss`.
    """

    def __init__(
        self,
        backbone: nn.Module,
        num_classes: int = 1000,
        norm: bool = True,
        checkpoint: str | None = None,
        loss: dict | None = None,
    ) -> None:
        super().__init__()
        channels = last_stage_of(backbone).out_channels
        self.classifier = SceneClassifier(channels, num_classes, norm)
        self.teacher = nn.ModuleDict(
            {
                "backbone": copy.deepcopy(backbone),
                "classifier": copy.deepcopy(self.classifier),
            }
        ).requires_grad_(False)
        self.checkpoint = checkpoint
        self.loss = LearningWithoutForgettingLoss(**(loss or {}))

    def start_from(self, backbone: nn.Module) -> None:
        """Make the teacher of the initialised backbone and the ImageNet classifier.

        Args:
            backbone: with its ImageNet weights.

        Raises:
            CheckpointError: the classifier's weights are not there.
        """
        path = self.checkpoint or _initial_checkpoint(backbone)
        if path is None:
            raise CheckpointError(
                f"model.scene_distillation: no ImageNet weights are named; {REMEDY}"
            )
        self.classifier.load_state_dict(self._classifier_weights(path))
        self.teacher["classifier"].load_state_dict(self.classifier.state_dict())
        self.teacher["backbone"].load_state_dict(backbone.state_dict())

    def _classifier_weights(self, path: str) -> dict[str, Tensor]:
        state = CheckpointLoader.load_checkpoint(path, "cpu")
        state = state.get("state_dict", state)
        weights = {}
        for key, wanted in self.classifier.state_dict().items():
            layer, _, name = key.partition(".")
            places = LINEAR_KEYS if layer == "linear" else NORM_KEYS
            found = next((p + name for p in places if p + name in state), None)
            if found is None:
                raise CheckpointError(
                    f"checkpoint {path}: has no {places[0]}{name}, so it is a backbone "
                    f"without the classifier that model.scene_distillation needs; "
                    f"{REMEDY}"
                )
            if state[found].shape != wanted.shape:
                raise CheckpointError(
                    f"checkpoint {path}: its {found} is {tuple(state[found].shape)}, "
                    f"not {tuple(wanted.shape)}; set model.scene_distillation."
                    "num_classes, or take the classifier of this backbone"
                )
            weights[key] = state[found]
        return weights

    def forward(self, inputs: Tensor, last_map: Tensor) -> Tensor:
        """Compare student and teacher.

        Args:
            inputs: ``(B, 3, H, W)`` preprocessed.
            last_map: ``(B, channels, h, w)``, the trained backbone's coarsest output
                for these inputs.

        Returns:
            Scalar, float32.
        """
        with torch.no_grad():
            taught = self.teacher["classifier"](self.teacher["backbone"](inputs)[-1])
        return self.loss(self.classifier(last_map), taught)


def _initial_checkpoint(backbone: nn.Module) -> str | None:
    """The file that ``init_cfg`` names, None where it names none."""
    options = getattr(backbone, "init_cfg", None) or []
    for option in [options] if isinstance(options, dict) else options:
        if option.get("type") == "Pretrained":
            return option["checkpoint"]
    return None
