"""Cut pictures into horizontal stripes and put these into another order."""

import torch
from torch import Tensor


def random_permutations(
    number: int, size: int, generator: torch.Generator | None = None
) -> Tensor:
    """Uniformly random orders, each drawn on its own.

    Args:
        number: ``N``.
        size: ``S``.
        generator: of the CPU; None is PyTorch's.

    Returns:
        ``(N, S)`` int64 on the CPU, every row a permutation of ``0 .. S - 1``.
    """
    return torch.rand(number, size, generator=generator).argsort(dim=1)


def shuffle_stripes(images: Tensor, permutations: Tensor) -> Tensor:
    """Pictures whose stripe ``i`` is the original's stripe ``permutations[:, i]``.

    Args:
        images: ``(B, C, H, W)``, of any dtype.
        permutations: ``(B, S)`` int64 on any device.

    Returns:
        Same shape; a new tensor.

    Raises:
        ValueError: ``H`` is not a multiple of ``S``.
    """
    batch, channels, height, width = images.shape
    stripes = permutations.shape[1]
    if height % stripes:
        raise ValueError(
            f"a picture of {height} rows cannot be cut into {stripes} equal stripes; "
            "choose another height or number of stripes"
        )
    cut = images.reshape(batch, channels, stripes, height // stripes, width)
    order = permutations.to(images.device)[:, None, :, None, None].expand_as(cut)
    return cut.gather(2, order).reshape(images.shape)
