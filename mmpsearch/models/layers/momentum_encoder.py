"""Moving averages (EMA) of encoders, for momentum contrast and self-distillation."""

import torch
from mmengine.model import ExponentialMovingAverage
from torch import nn


class MomentumEncoder(ExponentialMovingAverage):
    """Exponential moving average of several modules' parameters.

    Starts as an exact copy of what the modules are at the first training iteration,
    pre-trained weights included. Stays in train mode with the model, so that its batch
    norms use the batch at hand. Buffers follow the encoder's.

    Args:
        modules: the modules to follow, by name.
        rate: weight of the new parameters (the paper's momentum 0.9999 is 0.0001).
    """

    def __init__(self, modules: dict[str, nn.Module], rate: float = 1e-4) -> None:
        super().__init__(nn.ModuleDict(modules), momentum=rate)

    @torch.no_grad()
    def follow(self, modules: dict[str, nn.Module]) -> None:
        """Move the average one step towards the modules' present parameters."""
        self.update_parameters(nn.ModuleDict(modules))

    def copy_at_start(self, modules: dict[str, nn.Module]) -> None:
        """Take over the parameters if no step was made yet."""
        if int(self.steps) == 0:
            self.follow(modules)


@torch.no_grad()
def follow_by_name(average: nn.Module, followed: nn.Module, momentum: float) -> None:
    """Move parameters one step towards those of another module.

    For an average whose architecture may differ, such as a teacher without mask token
    and stochastic depth: names that only one of them has are left alone. Buffers do
    not follow.

    Args:
        average: module to change, in place.
        followed: module to follow.
        momentum: weight of the average's old parameters; 0 copies.
    """
    present = dict(followed.named_parameters())
    pairs = [
        (parameter, present[name])
        for name, parameter in average.named_parameters()
        if name in present
    ]
    old, new = map(list, zip(*pairs, strict=True))
    torch._foreach_lerp_(old, new, 1 - momentum)
