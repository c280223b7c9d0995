"""MMDetection's region proposal network, the same on any number of ranks."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmdet.models.dense_heads import RPNHead
from mmdet.models.task_modules.prior_generators import AnchorGenerator
from mmengine.config import ConfigDict
from torch import Tensor

from mmpsearch.models.layers.global_mean import share_per_rank
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.registry import MODELS, TASK_UTILS


@contextmanager
def cpu_seed(seed: int | None) -> Iterator[None]:
    """PyTorch's CPU generator starts at ``seed`` inside, and goes on as before after.

    None leaves it alone.
    """
    if seed is None:
        yield
        return
    state = torch.get_rng_state()
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_rng_state(state)


@MODELS.register_module()
class ProposalHead(RPNHead):
    """MMDetection's RPNHead; anchors are chosen by the sample's seed.

    MMDetection draws the training anchors from the process's random numbers and
    divides by the anchors of its own rank. Here an image's anchors do not depend on
    the rank it is on, and the losses are means over all ranks.

    Args:
        in_channels: channels of the feature map.
        train_cfg: assigner and sampler of anchors.
        test_cfg: number and suppression of proposals.
        **kwargs: of RPNHead: ``feat_channels``, ``anchor_generator``, ``bbox_coder``,
            ``loss_cls``, ``loss_bbox``, ``init_cfg``.
    """

    def __init__(
        self,
        in_channels: int,
        train_cfg: dict | None = None,
        test_cfg: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(
            in_channels,
            train_cfg=ConfigDict(train_cfg or {}),
            test_cfg=ConfigDict(test_cfg or {}),
            **kwargs,
        )

    def forward_single(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Scores and deltas of a feature map, float32 also in mixed precision.

        Boxes are decoded in the type of these: half precision would round corners by
        pixels.
        """
        scores, deltas = super().forward_single(x)
        return at_least_float32(scores), at_least_float32(deltas)

    def get_targets(self, *args, **kwargs) -> tuple:
        """As RPNHead's; the average factor is that of all ranks."""
        *targets, avg_factor = super().get_targets(*args, **kwargs)
        device = targets[0][0].device
        count = torch.as_tensor(float(avg_factor), device=device)
        return (*targets, share_per_rank(count))

    def _get_targets_single(
        self,
        flat_anchors: Tensor,
        valid_flags: Tensor,
        gt_instances,
        img_meta,
        *args,
        **kwargs,
    ) -> tuple:
        with cpu_seed(img_meta.get("sample_seed")):
            return super()._get_targets_single(
                flat_anchors, valid_flags, gt_instances, img_meta, *args, **kwargs
            )


@TASK_UTILS.register_module()
class RoundedAnchorGenerator(AnchorGenerator):
    """MMDetection's AnchorGenerator with corners at whole pixels.

    So are torchvision's, and with them those of NAE and SeqNet.
    """

    def gen_single_level_base_anchors(self, *args, **kwargs) -> Tensor:
        """``(A, 4)`` xyxy around the origin, rounded half to even."""
        return super().gen_single_level_base_anchors(*args, **kwargs).round()
