"""Forward passes that leave the running statistics of batch norms alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

NORMS = nn.modules.batchnorm._BatchNorm


@contextmanager
def fixed_running_statistics(module: nn.Module) -> Iterator[None]:
    """Batch norms in training normalise by the batch, but do not remember it."""
    norms = [norm for norm in module.modules() if isinstance(norm, NORMS)]
    kept = [(norm.track_running_stats, norm.momentum) for norm in norms]
    for norm in norms:
        # the momentum is for batch norms of our own, which always update
        norm.track_running_stats, norm.momentum = False, 0.0
    try:
        yield
    finally:
        for norm, (track, momentum) in zip(norms, kept, strict=True):
            norm.track_running_stats, norm.momentum = track, momentum


@contextmanager
def running_statistics(module: nn.Module) -> Iterator[None]:
    """Batch norms normalise by their running statistics, as in evaluation."""
    training = [
        norm for norm in module.modules() if isinstance(norm, NORMS) and norm.training
    ]
    for norm in training:
        norm.eval()
    try:
        yield
    finally:
        for norm in training:
            norm.train()
