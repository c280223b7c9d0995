"""Classifying and moving regions, and the losses of both."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d
from mmpsearch.models.layers.boxes import encode_boxes
from mmpsearch.models.layers.global_mean import share_per_rank
from mmpsearch.models.person_search.region_sampling import SampledRegions
from mmpsearch.models.person_search.structures import GroundTruth
from mmpsearch.models.person_search.two_stage.regions import DELTA_WEIGHTS

PERSON = 1


class BoxRegressor(nn.Module):
    """Deltas of the person class.

    The layer has an unused output for the background, as in torchvision's and the
    public NAE's and SeqNet's, whose weights fit.

    Args:
        in_channels: ``C``.
        batch_norm: behind the linear layer, with a scale that starts at N(0, 0.01).
    """

    def __init__(self, in_channels: int, batch_norm: bool = False) -> None:
        super().__init__()
        linear = nn.Linear(in_channels, 8)
        nn.init.normal_(linear.weight, std=0.01 if batch_norm else 0.001)
        nn.init.zeros_(linear.bias)
        self.layers = nn.Sequential(linear)
        if batch_norm:
            norm = SafeBatchNorm1d(8)
            nn.init.normal_(norm.weight, std=0.01)
            self.layers.append(norm)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(N, C)``. Returns ``(N, 4)``."""
        return self.layers(x)[:, 4 * PERSON :]


class BoxPredictor(nn.Module):
    """Fast R-CNN's two outputs: logits of background and person, and deltas.

    Args:
        in_channels: ``C``.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.classifier = nn.Linear(in_channels, 2)
        nn.init.normal_(self.classifier.weight, std=0.01)
        nn.init.zeros_(self.classifier.bias)
        self.regressor = BoxRegressor(in_channels)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Args: x ``(N, C)``. Returns logits ``(N, 2)`` and deltas ``(N, 4)``."""
        return self.classifier(x), self.regressor(x)


def person_scores(logits: Tensor) -> Tensor:
    """Probability of the person class, ``(N,)`` float32, of logits ``(N, 2)``."""
    return logits.float().softmax(dim=1)[:, PERSON]


def softmax_region_loss(logits: Tensor, positive: Tensor) -> Tensor:
    """Mean cross entropy over the regions of all ranks.

    Args:
        logits: ``(N, 2)``.
        positive: ``(N,)`` bool.
    """
    total = F.cross_entropy(logits.float(), positive.long(), reduction="sum")
    return total / _count(positive)


def binary_region_loss(logits: Tensor, positive: Tensor) -> Tensor:
    """Mean binary cross entropy over the regions of all ranks.

    Args:
        logits: ``(N,)``.
        positive: ``(N,)`` bool.
    """
    total = F.binary_cross_entropy_with_logits(
        logits.float(), positive.float(), reduction="sum"
    )
    return total / _count(positive)


def region_box_loss(
    deltas: Tensor, regions: SampledRegions, truth: GroundTruth, beta: float = 1.0
) -> Tensor:
    """Smooth L1 of the matched regions' deltas, divided by the number of *all* regions.

    Args:
        deltas: ``(N, 4)``.
        regions: N sampled regions.
        truth: boxes of the batch.
        beta: where the loss turns from quadratic to linear.

    Returns:
        Scalar, float32; 0 (with gradient) without matches.
    """
    places = regions.places
    boxes = regions.boxes[places].float()
    targets = truth.boxes[regions.matched[places]].float()
    total = F.smooth_l1_loss(
        deltas[places].float(),
        encode_boxes(targets, boxes, DELTA_WEIGHTS),
        reduction="sum",
        beta=beta,
    )
    return total / _count(deltas)


def _count(rows: Tensor) -> Tensor:
    return share_per_rank(torch.tensor(len(rows), device=rows.device))
