"""Which patches of a view are masked: blocks (BEiT, iBOT) or single ones."""

import math
import random
from collections.abc import Sequence
from typing import Literal

import numpy as np
from mmcv.transforms import BaseTransform

from mmpsearch.registry import TRANSFORMS

Grid = tuple[int, int]
ATTEMPTS = 10


def draw_share(shares: Sequence[float], spreads: Sequence[float]) -> float:
    """Share of patches to mask: one of several uniform ranges, all equally likely.

    Args:
        shares: centre of each range.
        spreads: half its width.
    """
    drawn = [
        random.uniform(share - spread, share + spread) if spread else share
        for share, spread in zip(shares, spreads, strict=True)
    ]
    return random.choice(drawn) if len(drawn) > 1 else drawn[0]


def block_mask(grid: Grid, share: float, least_aspect: float = 0.3) -> np.ndarray:
    """Rectangles at random places, until about a share of the grid is masked.

    Args:
        grid: (rows, columns).
        share: of all patches; never exceeded.
        least_aspect: smallest ratio of a block's sides; the largest is its inverse.

    Returns:
        (rows, columns) bool.
    """
    mask, target = np.zeros(grid, dtype=bool), share * grid[0] * grid[1]
    while mask.sum() < target:
        if not _add_block(mask, target - mask.sum(), least_aspect):
            break
    return mask


def _add_block(mask: np.ndarray, room: float, least_aspect: float) -> bool:
    """Mask one more block, of at most ``room`` new patches; whether one was found."""
    rows, columns = mask.shape
    least_area = (min(rows, columns) // 3) ** 2
    bounds = math.log(least_aspect), math.log(1 / least_aspect)
    for _ in range(ATTEMPTS):
        area = random.uniform(least_area, room)
        aspect = math.exp(random.uniform(*bounds))
        height = round(math.sqrt(area * aspect))
        width = round(math.sqrt(area / aspect))
        if not (height < rows and width < columns):
            continue
        top, left = random.randint(0, rows - height), random.randint(0, columns - width)
        block = mask[top : top + height, left : left + width]
        if 0 < block.size - block.sum() <= room:
            block[:] = True
            return True
    return False


def scattered_mask(grid: Grid, share: float) -> np.ndarray:
    """Single patches, the whole number below a share of them; see `block_mask`."""
    mask = np.zeros(grid[0] * grid[1], dtype=bool)
    # from the end: shuffled as in iBOT, whose list ends with the masked ones
    mask[mask.size - int(share * mask.size) :] = True
    np.random.shuffle(mask)
    return mask.reshape(grid)


@TRANSFORMS.register_module()
class PatchMasks(BaseTransform):
    """Add ``masks`` (views, rows, columns) bool, one mask per global view.

    Args:
        grid: Rows and columns of patches of a global view.
        views: Number of global views.
        shares: Of the patches to mask, see :func:`draw_share`. Default, as published
            for iBOT: none, or 10 to 50 percent, each half of the time.
        spreads: Half the width of the range around each share.
        shape: ``block`` or ``scattered``.
        least_aspect: Of a block, see :func:`block_mask`.
    """

    def __init__(
        self,
        grid: Grid,
        views: int = 2,
        shares: Sequence[float] = (0.0, 0.3),
        spreads: Sequence[float] = (0.0, 0.2),
        shape: Literal["block", "scattered"] = "block",
        least_aspect: float = 0.3,
    ) -> None:
        if shape not in ("block", "scattered"):
            raise ValueError(
                f"PatchMasks: shape must be 'block' or 'scattered', got {shape!r}."
            )
        if len(shares) != len(spreads) or not all(
            0 <= share - spread and share + spread <= 1
            for share, spread in zip(shares, spreads, strict=False)
        ):
            raise ValueError(
                "PatchMasks: shares and spreads need one number per range, and ranges "
                f"within [0, 1], got {tuple(shares)} and {tuple(spreads)}."
            )
        self.grid, self.views = tuple(grid), views
        self.shares, self.spreads = tuple(shares), tuple(spreads)
        self.shape, self.least_aspect = shape, least_aspect

    def draw(self) -> np.ndarray:
        """One mask (rows, columns)."""
        share = draw_share(self.shares, self.spreads)
        if self.shape == "scattered":
            return scattered_mask(self.grid, share)
        return block_mask(self.grid, share, self.least_aspect)

    def transform(self, results: dict) -> dict:
        results["masks"] = np.stack([self.draw() for _ in range(self.views)])
        return results

    def __repr__(self) -> str:
        settings = ", ".join(f"{k}={v!r}" for k, v in sorted(vars(self).items()))
        return f"PatchMasks({settings})"
