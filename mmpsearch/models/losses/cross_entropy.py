"""Cross entropy over identities, with label smoothing.

Public implementations smooth differently. With smoothing ``e`` and ``C`` identities:

========== ================= ==================== ===============================
spread     target            each other           used by
========== ================= ==================== ===============================
``all``    ``1 - e + e / C`` ``e / C``            TransReID, torchreid, PyTorch
``others`` ``1 - e``         ``e / (C - 1)``      fast-reid
========== ================= ==================== ===============================

The difference vanishes with many identities. fast-reid's *adaptive* smoothing is
``others`` with ``e`` = ``0.2`` times the probability which the network gives to the
target, different for every sample: see :func:`target_probabilities`.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.global_mean import share_per_rank
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.registry import MODELS

Spread = Literal["all", "others"]
UNLABELLED = -1


def smoothed_cross_entropy(
    logits: Tensor,
    targets: Tensor,
    smoothing: float | Tensor = 0.1,
    spread: Spread = "all",
) -> Tensor:
    """Cross entropy of every sample against smoothed targets.

    Args:
        logits: ``(N, C)``.
        targets: ``(N,)`` int64 in ``0..C-1``.
        smoothing: probability mass taken from the target, one for all samples or
            ``(N,)``.
        spread: whom the mass is given to, see the module's table.

    Returns:
        ``(N,)``, at least float32.
    """
    if spread not in ("all", "others"):
        raise ValueError(f"spread must be 'all' or 'others', got {spread!r}")
    log_probs = F.log_softmax(at_least_float32(logits), dim=1)
    own = log_probs.gather(1, targets[:, None])[:, 0]
    total, classes = log_probs.sum(dim=1), logits.shape[1]
    if spread == "all":
        rest = total / classes
    else:
        rest = (total - own) / max(classes - 1, 1)
    return -(1 - smoothing) * own - smoothing * rest


def target_probabilities(logits: Tensor, targets: Tensor) -> Tensor:
    """What the network gives to each sample's target, without gradient.

    Args:
        logits: ``(N, C)``.
        targets: ``(N,)`` int64.

    Returns:
        ``(N,)`` in ``0..1``.
    """
    probabilities = at_least_float32(logits.detach()).softmax(dim=1)
    return probabilities.gather(1, targets[:, None])[:, 0]


@MODELS.register_module()
class SmoothedCrossEntropy(nn.Module):
    """Mean cross entropy over the labelled samples of all ranks.

    Args:
        smoothing: see :func:`smoothed_cross_entropy`; 0 is plain cross entropy.
        spread: as there.
        adaptive: take ``smoothing`` times the probability of the target instead
            (fast-reid's adaptive smoothing is ``smoothing=0.2, spread='others'``).
        loss_weight: factor of the result.
    """

    def __init__(
        self,
        smoothing: float = 0.1,
        spread: Spread = "all",
        adaptive: bool = False,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        if not 0 <= smoothing < 1:
            raise ValueError(f"smoothing must lie in [0, 1), got {smoothing}")
        self.smoothing, self.spread = smoothing, spread
        self.adaptive, self.loss_weight = adaptive, loss_weight

    def forward(self, logits: Tensor, person_ids: Tensor) -> Tensor:
        """Args: logits ``(N, C)``, person_ids ``(N,)``, -1 unlabelled. Scalar."""
        lowest, highest = _range_of(person_ids)
        if highest >= logits.shape[1]:
            raise ValueError(
                f"person id {highest} does not fit the model's {logits.shape[1]} "
                "identities; set model.num_identities to the training set's number"
            )
        targets = person_ids
        if lowest == UNLABELLED:
            labelled = (person_ids != UNLABELLED).nonzero().flatten()
            logits, targets = logits[labelled], person_ids[labelled]
        smoothing: float | Tensor = self.smoothing
        if self.adaptive:
            smoothing = smoothing * target_probabilities(logits, targets)
        losses = smoothed_cross_entropy(logits, targets, smoothing, self.spread)
        count = torch.tensor(len(targets), device=logits.device)
        return self.loss_weight * losses.sum() / share_per_rank(count)


def _range_of(person_ids: Tensor) -> tuple[int, int]:
    """Lowest and highest id by one wait for the device; two of no ids are 0, -1."""
    if not len(person_ids):
        return 0, -1
    lowest, highest = torch.stack(person_ids.aminmax()).tolist()
    return lowest, highest
