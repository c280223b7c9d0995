"""Entropic optimal transport between two sets of points (Cuturi, NeurIPS 2013).

As variational distillation's public code uses it for mutual learning: the points are
the class probabilities which two branches give to the images of a batch.
"""

import torch
from torch import Tensor

from mmpsearch.models.layers.precision import at_least_float32, full_precision

ASK_EVERY = 10


def sinkhorn_distance(
    x: Tensor,
    y: Tensor,
    epsilon: float = 0.01,
    max_iterations: int = 100,
    tolerance: float = 0.1,
    ask_every: int | None = None,
) -> Tensor:
    """Cost of the regularised transport plan, with gradient through the iterations.

    Both sets weigh their points equally; moving a point costs the squared distance.

    Args:
        x: ``(N, C)``.
        y: ``(M, C)``.
        epsilon: weight of the plan's entropy; towards 0 the cost becomes that of the
            exact transport.
        max_iterations: most iterations of Sinkhorn's algorithm.
        tolerance: it ends when the potentials of ``x`` move by less, summed over
            ``x``. The public code's 0.1 ends after few iterations.
        ask_every: iterations between two looks at whether it ended, which change
            nothing in the result. Defaults to 1 on a CPU and 10 on a GPU, where every
            look is a wait.

    Returns:
        Scalar, at least float32; 0 where a set is empty.
    """
    x, y = at_least_float32(x), at_least_float32(y)
    if not len(x) or not len(y):
        return x.sum() * 0 + y.sum() * 0
    with full_precision(x):
        cost = (x[:, None] - y[None]).square().sum(dim=2)
    log_mass_x = -torch.full_like(cost[:, 0], len(x)).log()
    log_mass_y = -torch.full_like(cost[0], len(y)).log()
    potential_x, potential_y = torch.zeros_like(log_mass_x), torch.zeros_like(cost[0])
    moving = torch.ones((), dtype=torch.bool, device=cost.device)
    if ask_every is None:
        ask_every = 1 if cost.device.type == "cpu" else ASK_EVERY
    for iteration in range(1, max_iterations + 1):
        scores = (potential_y[None] - cost) / epsilon
        new_x = epsilon * (log_mass_x - scores.logsumexp(dim=1))
        scores = (new_x[:, None] - cost) / epsilon
        new_y = epsilon * (log_mass_y - scores.logsumexp(dim=0))
        change = (new_x - potential_x).detach().abs().sum()
        potential_x = torch.where(moving, new_x, potential_x)
        potential_y = torch.where(moving, new_y, potential_y)
        moving = moving & (change >= tolerance)
        if iteration % ask_every == 0 and not moving:
            break
    plan = ((potential_x[:, None] + potential_y[None] - cost) / epsilon).exp()
    return (plan * cost).sum()
