"""Outputs of modules that were given nothing."""

from torch import Tensor, nn


def output_without_rows(module: nn.Module, width: int, inputs: Tensor) -> Tensor:
    """What a module that cannot run on nothing gives for no inputs.

    The inputs and every parameter take part, with gradient zero: distributed training
    waits for the gradients of all parameters on every rank, also on one without a
    single box.

    Args:
        module: e.g. a stack of convolutions.
        width: channels ``C`` of the output.
        inputs: ``(0, ...)``.

    Returns:
        ``(0, C)``.
    """
    connected = inputs.sum() + sum(p.sum() for p in module.parameters())
    return inputs.new_zeros(0, width) + connected
