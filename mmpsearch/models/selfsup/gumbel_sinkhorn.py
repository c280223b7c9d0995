"""The Gumbel-Sinkhorn operator: soft permutations with noise (MMGL, eq. 2 and 3).

After Mena et al., "Learning latent permutations with Gumbel-Sinkhorn networks" (ICLR
2018). Everything is computed on logarithms, in at least float32.
"""

from typing import Literal

import torch
from torch import Tensor

from mmpsearch.models.layers.precision import at_least_float32

EPS = 1e-20  # inside both logarithms of the noise


def sinkhorn(
    log_affinity: Tensor,
    iterations: int = 20,
    first: Literal["rows", "columns"] = "rows",
) -> Tensor:
    """Bring a positive matrix near to a doubly stochastic one.

    Rows and columns are divided by their sums in turn. What was divided last sums
    to 1, the other nearly so.

    Args:
        log_affinity: ``(..., S, S)`` logarithms of the matrix: any real numbers.
        iterations: how often both are done.
        first: which is done first.

    Returns:
        Same shape, not negative, at least float32.
    """
    x = at_least_float32(log_affinity)
    dims = (-1, -2) if first == "rows" else (-2, -1)
    for _ in range(iterations):
        for dim in dims:
            x = x - x.logsumexp(dim=dim, keepdim=True)
    return x.exp()


def gumbel(uniform: Tensor) -> Tensor:
    """Standard Gumbel noise of uniform numbers in [0, 1): same shape and dtype."""
    return -torch.log(-torch.log(uniform + EPS) + EPS)


def gumbel_sinkhorn(
    log_affinity: Tensor,
    temperature: float = 1.0,
    iterations: int = 20,
    samples: int = 10,
    noise_factor: float = 1.0,
    noise: Tensor | None = None,
) -> Tensor:
    """Samples of soft permutations.

    Args:
        log_affinity: ``(..., S, S)``; row ``i``, column ``j``: how well stripe ``j``
            of the original fits place ``i``.
        temperature: small ones give matrices near to permutations, and need more
            iterations.
        iterations: of :func:`sinkhorn`, rows first.
        samples: number ``M`` of noise samples.
        noise_factor: of the noise; 0 is none.
        noise: ``(..., M, S, S)`` standard Gumbel noise; None draws it.

    Returns:
        ``(..., M, S, S)`` with columns that sum to 1, at least float32.
    """
    x = at_least_float32(log_affinity).unsqueeze(-3)
    if noise is None:
        shape = (*x.shape[:-3], samples, *x.shape[-2:])
        noise = gumbel(torch.rand(shape, dtype=x.dtype, device=x.device))
    return sinkhorn((x + noise_factor * noise) / temperature, iterations)
