"""Undo a shuffling of stripes (MMGL, eq. 4)."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.selfsup.gumbel_sinkhorn import gumbel_sinkhorn
from mmpsearch.registry import MODELS

Target = Literal["vector", "matrix"]


def reconstruction_errors(
    soft: Tensor, permutations: Tensor, target: Target = "vector"
) -> Tensor:
    """Squared error of every number that a soft permutation should reproduce.

    The text of eq. (4) compares ranking vectors: the shuffled one, put back by the
    transposed soft permutation, with ``0 .. S - 1``. The paper's figure compares the
    soft permutation itself with the true matrix.

    Args:
        soft: ``(..., S, S)``, row: place in the shuffled picture, column: original
            place.
        permutations: ``(..., S)`` int64: original places, by shuffled place.
        target: ``vector`` or ``matrix``.

    Returns:
        ``(..., S)`` for vectors, ``(..., S, S)`` for matrices.
    """
    size = soft.shape[-1]
    if target == "matrix":
        return (soft - F.one_hot(permutations, size).to(soft)).square()
    # as a sum: mixed precision would round a product of matrices
    restored = (soft * permutations.to(soft)[..., None]).sum(dim=-2)
    return (restored - torch.arange(size).to(soft)).square()


@MODELS.register_module()
class PermutationReconstructionLoss(nn.Module):
    """Mean error over images and noise samples of a Gumbel-Sinkhorn network.

    Temperature and noise are not in the paper's text: Mena et al.'s defaults. With six
    stripes and uniform soft permutations the loss is 35/12 = 2.9 for vectors and 5/36
    for matrices.

    Args:
        target: ``vector`` (the text of eq. 4) or ``matrix`` (the paper's figure).
        reduction: of one sample's numbers: ``mean``, or ``sum``, the squared norm.
        temperature: of the soft permutations, see `gumbel_sinkhorn` in
            ``mmpsearch.models.layers``.
        iterations: of the same.
        samples: of the same.
        noise_factor: of the same.
    """

    def __init__(
        self,
        target: Target = "vector",
        reduction: Literal["mean", "sum"] = "mean",
        temperature: float = 1.0,
        iterations: int = 20,
        samples: int = 10,
        noise_factor: float = 1.0,
    ) -> None:
        super().__init__()
        if target not in ("vector", "matrix"):
            raise ValueError(f"target must be 'vector' or 'matrix', got {target!r}")
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction must be 'mean' or 'sum', got {reduction!r}")
        self.target, self.reduction = target, reduction
        self.temperature, self.iterations = temperature, iterations
        self.samples, self.noise_factor = samples, noise_factor

    def forward(self, log_affinity: Tensor, permutations: Tensor) -> Tensor:
        """Args: log_affinity ``(B, S, S)``, permutations ``(B, S)`` int64. Scalar."""
        soft = gumbel_sinkhorn(
            log_affinity,
            self.temperature,
            self.iterations,
            self.samples,
            self.noise_factor,
        )
        errors = reconstruction_errors(soft, permutations[:, None], self.target)
        if not len(log_affinity):
            return errors.sum()
        per_sample = errors.flatten(2)
        if self.reduction == "sum":
            return per_sample.sum(dim=2).mean()
        return per_sample.mean()
