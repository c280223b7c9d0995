"""Anchor boxes of SPNet's Anchor Embedder."""

from collections.abc import Sequence

import torch
from torch import Tensor


def octave_sizes(
    bases: Sequence[int] = (32, 64, 128, 256, 512),
) -> list[tuple[int, ...]]:
    """Three sizes per level, a third of an octave apart: b, b 2^(1/3), b 2^(2/3).

    Args:
        bases: smallest anchor size of each pyramid level, pixels.

    Returns:
        One tuple of three integers per level.
    """
    return [tuple(int(base * 2 ** (i / 3)) for i in range(3)) for base in bases]


def anchor_templates(sizes: Sequence[float], ratios: Sequence[float]) -> Tensor:
    """Anchor boxes around the origin, ratio-major.

    Args:
        sizes: square root of the area of each anchor, pixels.
        ratios: height / width.

    Returns:
        ``(len(ratios) * len(sizes), 4)`` float32 xyxy, rounded to whole pixels.
    """
    sizes_tensor = torch.as_tensor(sizes, dtype=torch.float32)
    height_scale = torch.as_tensor(ratios, dtype=torch.float32).sqrt()
    widths = (sizes_tensor[None] / height_scale[:, None]).flatten()
    heights = (sizes_tensor[None] * height_scale[:, None]).flatten()
    return (torch.stack([-widths, -heights, widths, heights], dim=1) / 2).round()


class AnchorGenerator:
    """Anchors of every pyramid level for one batch shape.

    The centres lie at ``(column * stride_x, row * stride_y)`` without a half-stride
    offset; a stride is the padded image's side integer-divided by the map's side, per
    axis (so that the strides of P6 and P7 need not be 64 and 128). Both are facts of
    the public implementation and part of its numbers.

    Args:
        sizes: anchor sizes per level. Defaults to three per octave on five levels.
        ratios: height / width of the anchors.
    """

    def __init__(
        self,
        sizes: Sequence[Sequence[float]] | None = None,
        ratios: Sequence[float] = (0.5, 1.0, 2.0),
    ) -> None:
        sizes = octave_sizes() if sizes is None else sizes
        if len({len(level) for level in sizes}) != 1:
            raise ValueError(
                "anchor sizes: every pyramid level needs the same number of sizes, "
                f"got {[len(level) for level in sizes]}"
            )
        self.templates = [anchor_templates(level, ratios) for level in sizes]
        self._cache: tuple[tuple, Tensor] | None = None

    @property
    def num_levels(self) -> int:
        return len(self.templates)

    @property
    def num_per_location(self) -> int:
        return len(self.templates[0])

    def __call__(
        self,
        map_sizes: Sequence[tuple[int, int]],
        batch_shape: tuple[int, int],
        device: torch.device | str,
    ) -> Tensor:
        """Anchors in the order level, row, column, template.

        Args:
            map_sizes: height and width of each level's feature map.
            batch_shape: height and width of the padded batch, pixels.
            device: where the anchors are wanted.

        Returns:
            ``(A, 4)`` float32 xyxy in pixels of the network input.

        Raises:
            ValueError: the number of maps differs from the number of levels.
        """
        if len(map_sizes) != self.num_levels:
            raise ValueError(
                f"anchor sizes are given for {self.num_levels} pyramid levels, but the "
                f"neck returned {len(map_sizes)}; make `anchor_embedder.sizes` and the "
                "neck's `num_outs` agree"
            )
        if torch.jit.is_tracing():  # sizes are not known, but followed
            return self._make(map_sizes, batch_shape).to(device)
        key = (tuple(map(tuple, map_sizes)), tuple(batch_shape), str(device))
        if self._cache is None or self._cache[0] != key:
            self._cache = (key, self._make(map_sizes, batch_shape).to(device))
        return self._cache[1]

    def _make(
        self, map_sizes: Sequence[tuple[int, int]], batch_shape: tuple[int, int]
    ) -> Tensor:
        levels = [
            _level_anchors(template, size, batch_shape)
            for template, size in zip(self.templates, map_sizes, strict=True)
        ]
        return torch.cat(levels)


def _level_anchors(
    templates: Tensor, map_size: tuple[int, int], batch_shape: tuple[int, int]
) -> Tensor:
    rows, columns = map_size
    stride_y, stride_x = batch_shape[0] // rows, batch_shape[1] // columns
    y = torch.arange(rows, dtype=torch.float32) * stride_y
    x = torch.arange(columns, dtype=torch.float32) * stride_x
    y, x = torch.meshgrid(y, x, indexing="ij")
    centres = torch.stack([x, y, x, y], dim=-1).view(-1, 1, 4)
    return (centres + templates).view(-1, 4)
