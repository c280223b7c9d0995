"""Distance of two sets of vectors, for the consistency of similarities (UP-ReID)."""

from typing import Literal

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from mmpsearch.models.layers.precision import at_least_float32, full_precision

Kernel = Literal["rbf", "linear", "scalar", "mse"]
KERNELS = ("rbf", "linear", "scalar", "mse")
WIDTHS = 5  # Gaussians, each twice as wide as the one before
ELEMENTS = 2**24  # differences held at a time


def mmd(a: Tensor, b: Tensor, kernel: Kernel = "rbf") -> Tensor:
    """Squared maximum mean discrepancy between the rows of two matrices.

    UP-ReID, eq. (4), whose kernel is lost; Gretton et al., JMLR 2012, biased estimate.

    ========== ====================================================================
    ``rbf``    rows, sum of 5 Gaussians ``e^{-d^2 / (w 2^s)}``; ``w`` is a quarter of
               the mean squared distance between different rows of both sets, and
               a constant in the gradient
    ``linear`` squared distance of the mean rows
    ``scalar`` as ``rbf``, the samples being all single numbers: ``(N D)^2`` pairs
    ``mse``    mean squared difference element by element: no MMD, the rows are paired
    ========== ====================================================================

    Args:
        a: ``(N, D)``; ``N`` may be 0.
        b: ``(L, D)``; for ``mse`` as many rows as ``a``.
        kernel: row of the table.

    Returns:
        Scalar, float32 (float64 for float64 input), with gradient to both; 0 for equal
        sets and for an empty one.

    Raises:
        ValueError: an unknown kernel, or shapes that do not fit.
    """
    if kernel not in KERNELS:
        raise ValueError(f"kernel must be one of {', '.join(KERNELS)}, got {kernel!r}")
    if a.dim() != 2 or b.dim() != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(
            "the samples must be rows (N, D) and (L, D), got "
            f"{tuple(a.shape)} and {tuple(b.shape)}"
        )
    if kernel == "mse" and a.shape != b.shape:
        raise ValueError(f"'mse' pairs rows: {tuple(a.shape)} is not {tuple(b.shape)}")
    a, b = at_least_float32(a), at_least_float32(b)
    if not a.numel() or not b.numel():
        return a.sum() * 0 + b.sum() * 0
    with full_precision(a):
        if kernel == "mse":
            return (a - b).square().mean()
        if kernel == "linear":
            return (a.mean(dim=0) - b.mean(dim=0)).square().sum()
        if kernel == "scalar":
            a, b = a.reshape(-1, 1), b.reshape(-1, 1)
        width = base_width(a, b)
        within = _mean_kernel(a, a, width) + _mean_kernel(b, b, width)
        return within - 2 * _mean_kernel(a, b, width)


@torch.no_grad()
def base_width(a: Tensor, b: Tensor) -> Tensor:
    """A quarter of the mean squared distance between different rows of both sets.

    Args:
        a: ``(N, D)``.
        b: ``(L, D)``.

    Returns:
        Scalar, positive also where all rows are equal.
    """
    rows = torch.cat((a, b))
    count = len(rows)
    # sum over ordered pairs of |x - y|^2 = 2 n sum of |x - mean|^2
    total = 2 * count * (rows - rows.mean(dim=0)).square().sum()
    width = total / (count * (count - 1)) / 4
    return width.clamp(min=torch.finfo(width.dtype).tiny * 2**WIDTHS)


def _mean_kernel(a: Tensor, b: Tensor, width: Tensor) -> Tensor:
    """Mean over all pairs of rows, some rows of ``a`` at a time."""
    parts = a.split(max(ELEMENTS // b.numel(), 1))
    if len(parts) == 1:
        total = _kernel_sum(a, b, width)
    else:
        total = sum(
            checkpoint(_kernel_sum, part, b, width, use_reentrant=False)
            for part in parts
        )
    return total / (len(a) * len(b))


def _kernel_sum(a: Tensor, b: Tensor, width: Tensor) -> Tensor:
    # differences, not norms and products: the distance of equal rows is exactly 0
    squared = (a[:, None] - b[None]).square().sum(dim=2)
    return sum((-squared / (width * 2**s)).exp().sum() for s in range(WIDTHS))
