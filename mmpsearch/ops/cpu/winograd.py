"""3x3 convolutions on CPUs with a quarter of the multiplications.

Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray, *Fast Algorithms for
Convolutional Neural Networks*, 2016): tiles of 6x6 inputs and the kernels are
transformed, multiplied point by point - 36 products of matrices over the channels - and
transformed back to tiles of 4x4 outputs. PyTorch's builds for x86 have no such kernel,
CUDA's cuDNN chooses its own.
"""

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

TILE = 4  # rows and columns of the outputs of one tile
PATCH = TILE + 2  # of the inputs which they depend on
# Where the two polynomials that a convolution multiplies are evaluated. The customary
# 0, 1, -1, 2, -2 lose four times as many digits.
POINTS = (0.0, 0.75, -0.75, 1.5, -1.5)
# Tiles that are transformed at a time: enough for the matrix products, few enough for
# the cache.
TILES_AT_ONCE = 256


def cook_toom(points: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One-dimensional transforms of F(4, 3), for the points and infinity.

    Four outputs of a correlation of six inputs ``d`` with a kernel ``g`` of three are
    ``output @ ((kernel @ g) * (inputs @ d))``.

    Args:
        points: five different numbers.

    Returns:
        float64 matrices ``output (4, 6)``, ``kernel (6, 3)`` and ``inputs (6, 6)``.
    """
    others = [[q for q in points if q != p] for p in points]
    scales = [
        np.prod(p - np.array(rest)) for p, rest in zip(points, others, strict=True)
    ]
    last = len(points)
    output = np.zeros((TILE, PATCH))
    output[:, :last] = np.vander(points, TILE, increasing=True).T
    output[-1, last] = 1
    kernel = np.zeros((PATCH, 3))
    kernel[:last] = np.vander(points, 3, increasing=True) / np.array(scales)[:, None]
    kernel[last, -1] = 1
    inputs = np.zeros((PATCH, PATCH))
    for row, rest in enumerate(others):
        inputs[row, :last] = np.poly(rest)[::-1]
    inputs[last] = np.poly(points)[::-1]
    return output, kernel, inputs


# The same for both axes at once: OUTPUT (16, 36), KERNEL (36, 9), INPUTS (36, 36).
OUTPUT, KERNEL, INPUTS = (
    torch.from_numpy(np.kron(m, m)).float() for m in cook_toom(POINTS)
)


def winograd_conv3x3(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """What ``F.conv2d(x, weight, bias, padding=1)`` gives, and its gradients.

    Differs from it by rounding, about five times that of a direct convolution.

    Args:
        x: ``(N, C, h, w)`` float32 on the CPU, best in channels-last memory.
        weight: ``(K, C, 3, 3)`` float32.
        bias: ``(K,)``.

    Returns:
        ``(N, K, h, w)`` in channels-last memory.
    """
    return _WinogradConv.apply(x, weight, bias)


class _WinogradConv(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _convolve(x, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        needs_x, needs_weight, needs_bias = ctx.needs_input_grad
        rotated = weight.flip(2, 3).transpose(0, 1)
        return (
            _convolve(grad, rotated, None) if needs_x else None,
            _weight_gradient(x, grad) if needs_weight else None,
            grad.sum(dim=(0, 2, 3)) if needs_bias else None,
        )


def _convolve(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    number, channels, height, width = x.shape
    outputs = len(weight)
    kernels = KERNEL @ weight.reshape(-1, 9).T  # (36, K * C)
    kernels = kernels.view(-1, outputs, channels).transpose(1, 2)
    patches = _patches(x)
    rows, columns = patches.shape[3:5]
    result = x.new_empty(number, rows, TILE, columns, TILE, outputs)
    tiles = result.permute(2, 4, 0, 1, 3, 5)  # (4, 4, N, rows, columns, K)
    shift = x.new_zeros(()) if bias is None else bias
    for some in _groups_of_rows(patches):
        products = torch.bmm(_transformed(patches[:, :, :, some]), kernels)
        found = OUTPUT @ products.view(PATCH**2, -1)
        target = tiles[:, :, :, some]
        torch.add(found.view(target.shape), shift, out=target)
    result = result.view(number, rows * TILE, columns * TILE, outputs)
    return result[:, :height, :width].permute(0, 3, 1, 2)


def _weight_gradient(x: Tensor, grad: Tensor) -> Tensor:
    outputs, channels = grad.shape[1], x.shape[1]
    patches = _patches(x)
    rows, columns = patches.shape[3:5]
    tiles = _padded(grad, 0, rows * TILE, columns * TILE)
    tiles = tiles.unfold(1, TILE, TILE).unfold(2, TILE, TILE).permute(4, 5, 0, 1, 2, 3)
    kernels = x.new_zeros(PATCH**2, outputs, channels)
    for some in _groups_of_rows(patches):
        products = OUTPUT.T @ tiles[:, :, :, some].reshape(TILE**2, -1)
        products = products.view(PATCH**2, -1, outputs)
        kernels.baddbmm_(products.transpose(1, 2), _transformed(patches[:, :, :, some]))
    weight = KERNEL.T @ kernels.view(PATCH**2, -1)
    return weight.view(3, 3, outputs, channels).permute(2, 3, 0, 1)


def _patches(x: Tensor) -> Tensor:
    """View ``(6, 6, N, rows, columns, C)`` of the overlapping inputs of all tiles."""
    rows, columns = (-(-side // TILE) for side in x.shape[-2:])
    padded = _padded(x, 1, rows * TILE + 2, columns * TILE + 2)
    patches = padded.unfold(1, PATCH, TILE).unfold(2, PATCH, TILE)
    return patches.permute(4, 5, 0, 1, 2, 3)


def _padded(x: Tensor, start: int, rows: int, columns: int) -> Tensor:
    """Zero-padded copy ``(N, rows, columns, C)``."""
    number, channels, height, width = x.shape
    padded = x.new_zeros(number, rows, columns, channels)
    inside = padded[:, start : start + height, start : start + width]
    inside.copy_(x.permute(0, 2, 3, 1))
    return padded


def _transformed(patches: Tensor) -> Tensor:
    """``(36, tiles, C)`` of some patches."""
    channels = patches.shape[-1]
    return (INPUTS @ patches.reshape(PATCH**2, -1)).view(PATCH**2, -1, channels)


def _groups_of_rows(patches: Tensor) -> list[slice]:
    number, rows, columns = patches.shape[2:5]
    step = max(1, TILES_AT_ONCE // (number * columns))
    return [slice(start, start + step) for start in range(0, rows, step)]
