"""Cutting people into stripes and halves, and which part mirrors which (UP-ReID)."""

import torch
from torch import Tensor


def partition(x: Tensor, rows: int, cols: int) -> list[Tensor]:
    """Cut images into ``rows`` stripes of ``cols`` patches.

    UP-ReID, eq. (5) and (6). Boundaries are rounded where a side does not divide, so
    that patches may differ by one pixel: 256 rows in 6 stripes are 43, 42, 43, ...

    Args:
        x: ``(N, C, H, W)``.
        rows: number of stripes, at most ``H``.
        cols: number of patches in each, at most ``W``.

    Returns:
        ``rows * cols`` views of ``x``, row by row, ``(N, C, h, w)`` each.
    """
    height, width = x.shape[-2:]
    if not (1 <= rows <= height and 1 <= cols <= width):
        raise ValueError(
            f"images of {height} x {width} pixels cannot be cut into {rows} x {cols} "
            "patches"
        )
    return [
        x[..., top:bottom, left:right]
        for top, bottom in _intervals(height, rows)
        for left, right in _intervals(width, cols)
    ]


def _intervals(length: int, parts: int) -> list[tuple[int, int]]:
    edges = [round(length * part / parts) for part in range(parts + 1)]
    return list(zip(edges[:-1], edges[1:], strict=True))


def mirror_index(rows: int, cols: int) -> Tensor:
    """Where every patch of `partition` lies after a horizontal flip.

    Args:
        rows: number of stripes.
        cols: number of patches in each.

    Returns:
        ``(rows * cols,)`` int64, counted from 0: same stripe, columns reversed. An
        involution; the middle one of an odd number of columns is its own mirror. Where
        the width does not divide, mirrored patches may be a pixel apart.
    """
    return torch.arange(rows * cols).view(rows, cols).flip(1).flatten()
