"""Outputs of modules that were given nothing."""

from torch import Tensor, nn


def output_without_rows(module: nn.Module, width: int, like: Tensor) -> Tensor:
    """What a module that cannot run on nothing gives for no inputs.

    Every parameter takes part, with gradient zero: distributed training waits for
    the gradients of all parameters on every rank, also on one without a single box.

    Args:
        module: e.g. a stack of convolutions.
        width: channels ``C`` of the output.
        like: for dtype and device.

    Returns:
        ``(0, C)``.
    """
    trained = [p.sum() for p in module.parameters() if p.requires_grad]
    return like.new_zeros(0, width) + sum(trained)
