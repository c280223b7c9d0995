"""Adaptive max pooling in a form that ONNX can say."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SlicedMaxPool2d(nn.AdaptiveMaxPool2d):
    """``nn.AdaptiveMaxPool2d`` of maps of one size, such as those cut out of boxes.

    ONNX has adaptive pooling only where all windows have one size.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Args: input ``(N, C, h, w)``. Returns ``(N, C, *output_size)``."""
        size = self.output_size
        rows, columns = (size, size) if isinstance(size, int) else size
        height, width = (int(side) for side in input.shape[-2:])
        lines = [
            torch.stack(
                [
                    input[..., top:bottom, left:right].amax(dim=(2, 3))
                    for left, right in _windows(width, columns)
                ],
                dim=-1,
            )
            for top, bottom in _windows(height, rows)
        ]
        return torch.stack(lines, dim=-2)


def _windows(length: int, number: int) -> list[tuple[int, int]]:
    """Start and end of each window, which overlap where it does not come out even."""
    return [
        (i * length // number, -(-(i + 1) * length // number)) for i in range(number)
    ]


def slice_pooling(model: nn.Module) -> None:
    """Let a model's adaptive max poolings be sliced ones; what they compute stays."""
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if type(child) is nn.AdaptiveMaxPool2d:
                setattr(parent, name, SlicedMaxPool2d(child.output_size))
