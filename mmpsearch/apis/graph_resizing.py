"""Resizing inside an exported graph."""

import torch
import torch.nn.functional as F
from torch import Tensor


def resize_plainly(images: Tensor, size: tuple[int, int], interpolation: str) -> Tensor:
    """As OpenCV: half-pixel centres, no smoothing where pictures become smaller.

    Args:
        images: ``(N, C, H, W)`` float32.
        size: (height, width) of the result.
        interpolation: ``bilinear`` or ``bicubic``.
    """
    return F.interpolate(images, size, mode=interpolation, align_corners=False)


def resize_smoothly(
    images: Tensor, size: tuple[int, int], interpolation: str
) -> Tensor:
    """As Pillow: the filter grows with the pixels that become one.

    Two matrix products, which every runtime has; ONNX's own antialiased resizing is
    not written by PyTorch's exporter.

    Args:
        images: ``(N, C, H, W)`` float32.
        size: (height, width) of the result.
        interpolation: ``bilinear`` or ``bicubic``.
    """
    kernel = _triangle if interpolation == "bilinear" else _cubic
    rows = _weights(torch.arange(images.shape[2], device=images.device), size[0])
    columns = _weights(torch.arange(images.shape[3], device=images.device), size[1])
    across = images @ _normalised(kernel(columns)).T
    return _normalised(kernel(rows)) @ across


def _weights(places: Tensor, target: int) -> Tensor:
    """``(target, source)`` distances from centres, in units of the filter."""
    places = places + 0.5
    source = torch.ones_like(places).sum()  # its size is not known to the graph
    scale = source / target
    centres = (torch.arange(target, device=places.device) + 0.5) * scale
    return (places[None] - centres[:, None]) / scale.clamp(min=1)


def _normalised(weights: Tensor) -> Tensor:
    return weights / weights.sum(dim=1, keepdim=True)


def _triangle(x: Tensor) -> Tensor:
    return (1 - x.abs()).clamp(min=0)


def _cubic(x: Tensor, a: float = -0.5) -> Tensor:
    """Keys' kernel with Pillow's ``a``."""
    x = x.abs()
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * a
    return torch.where(x < 1, near, torch.where(x < 2, far, torch.zeros_like(x)))
