"""Batch norm with statistics and weights of its own for each of two domains."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Literal

from torch import Tensor, nn

Domain = Literal["source", "target"]


class DomainBatchNorm(nn.Module):
    """Two copies of a batch norm; one is used at a time.

    Domain-specific batch normalisation (Chang et al., CVPR 2019). Weights of a model
    with ordinary batch norms load into both. Outside :func:`use_domain` the target's
    is used, as in testing.

    Args:
        norm: the batch norm to take the place of.
    """

    def __init__(self, norm: nn.modules.batchnorm._BatchNorm) -> None:
        super().__init__()
        self.source, self.target = deepcopy(norm), norm
        self.domain: Domain = "target"

    def forward(self, x: Tensor) -> Tensor:
        """Args: x, all of one domain. Returns the norm's output."""
        return getattr(self, self.domain)(x)

    def _load_from_state_dict(self, state_dict, prefix, *args, **kwargs) -> None:
        """Give an ordinary batch norm's weights to both."""
        for name in self.target.state_dict():
            value = state_dict.pop(prefix + name, None)
            if value is not None:
                state_dict[f"{prefix}source.{name}"] = value
                state_dict[f"{prefix}target.{name}"] = value
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


def split_batch_norms(module: nn.Module) -> None:
    """Put a :class:`DomainBatchNorm` in the place of every batch norm, in place."""
    for name, child in module.named_children():
        if isinstance(child, nn.modules.batchnorm._BatchNorm):
            setattr(module, name, DomainBatchNorm(child))
        else:
            split_batch_norms(child)


@contextmanager
def use_domain(module: nn.Module, domain: Domain) -> Iterator[None]:
    """Let a module's batch norms be those of a domain."""
    norms = [part for part in module.modules() if isinstance(part, DomainBatchNorm)]
    before = [norm.domain for norm in norms]
    try:
        for norm in norms:
            norm.domain = domain
        yield
    finally:
        for norm, old in zip(norms, before, strict=True):
            norm.domain = old
