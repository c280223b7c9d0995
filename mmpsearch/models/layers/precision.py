"""Float32 where mixed precision would round too much."""

import torch
from torch import Tensor


def at_least_float32(x: Tensor) -> Tensor:
    """The tensor in float32; float64 stays what it is.

    Args:
        x: of any shape, floating point.

    Returns:
        Same shape.
    """
    return x.to(torch.promote_types(x.dtype, torch.float32))


def full_precision(x: Tensor) -> torch.autocast:
    """Context without autocast on the tensor's device, for products of similarities.

    Autocast casts the operands of a matrix product to half precision even if they
    were converted to float32 before.

    Args:
        x: any tensor on the device.

    Returns:
        A context manager.
    """
    return torch.autocast(x.device.type, enabled=False)
