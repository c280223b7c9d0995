"""The one pass that makes a built model fast on a CPU."""

import os

from torch import nn

from mmpsearch.errors import UserError
from mmpsearch.ops.cpu.convnext import BlockwiseConvNeXtBlock
from mmpsearch.ops.cpu.convolution import WinogradConv2d
from mmpsearch.ops.cpu.roi_align import WeightedRoIAlign

SWITCH = "MMPSEARCH_SPEED_UP_ON_CPU"
"""Environment variable: ``0`` leaves every model as it is."""

# what a plain model is made of -> the same, faster
FASTER = {
    kind.__bases__[0]: kind
    for kind in (WinogradConv2d, BlockwiseConvNeXtBlock, WeightedRoIAlign)
}


def speed_up_on_cpu(model: nn.Module) -> int:
    """Let the modules of a model compute the same in a faster way.

    Modules are told to, not replaced: parameters, buffers, names and what is hooked to
    them stay, and so do checkpoints. Outputs and gradients differ by rounding. Only
    modules of exactly the plain class are taken, and each decides at every call
    whether its input gains; on a GPU none does. Calling it again changes nothing.

    Args:
        model: changed in place. It is left alone when one of its parameters is not on
            a CPU, or the environment variable ``MMPSEARCH_SPEED_UP_ON_CPU`` is ``0``.

    Returns:
        How many modules were changed.

    Raises:
        UserError: the environment variable is neither ``0`` nor ``1``.
    """
    wanted = os.environ.get(SWITCH, "1")
    if wanted not in ("0", "1"):
        raise UserError(
            f"the environment variable {SWITCH} must be 0 or 1, got {wanted!r}"
        )
    if wanted == "0" or any(p.device.type != "cpu" for p in model.parameters()):
        return 0
    changed = 0
    for module in model.modules():
        faster = FASTER.get(type(module))
        if faster is not None and faster.suits(module):
            module.__class__ = faster
            changed += 1
    return changed
