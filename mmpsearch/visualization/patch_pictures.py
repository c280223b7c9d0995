"""Pictures of what a transformer's patches say (PersonViT, section 4.4)."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import cv2
import numpy as np

RED = (40, 40, 230)
PAPER = (255, 255, 255)


def patch_box(place: int, columns: int, patch: int) -> tuple[int, int, int, int]:
    """xyxy of a patch, in pixels of the picture that the grid lies on."""
    row, column = divmod(int(place), columns)
    x, y = column * patch, row * patch
    return x, y, x + patch, y + patch


def patch_window(
    picture: np.ndarray, place: int, columns: int, patch: int, around: int = 2
) -> np.ndarray:
    """A patch with its neighbours, a red dot on it; what lies outside is black.

    Args:
        picture: (H, W, 3) uint8 BGR at the size that the grid lies on.
        place: Number of the patch, row by row.
        columns: Of the grid.
        patch: Side of a patch in pixels.
        around: Patches shown on each side; 2 gives a window of 5 x 5.

    Returns:
        ((2 around + 1) patch, the same, 3) uint8.
    """
    margin = around * patch
    wide = cv2.copyMakeBorder(
        picture, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(0, 0, 0)
    )
    x1, y1, x2, y2 = patch_box(place, columns, patch)
    window = wide[y1 : y2 + 2 * margin, x1 : x2 + 2 * margin].copy()
    centre = (margin + patch // 2, margin + patch // 2)
    cv2.circle(window, centre, max(patch // 4, 1), RED, -1, cv2.LINE_AA)
    return window


def cluster_rows(rows: Sequence[Sequence[np.ndarray]], gap: int = 4) -> np.ndarray:
    """One row of windows per cluster, on white; short rows are filled up.

    Args:
        rows: Windows of one size.
        gap: Pixels between them.
    """
    side = rows[0][0].shape[0]
    longest, step = max(map(len, rows)), side + gap
    canvas = np.full((len(rows) * step + gap, longest * step + gap, 3), 255, np.uint8)
    for row, windows in enumerate(rows):
        for column, window in enumerate(windows):
            y, x = gap + row * step, gap + column * step
            canvas[y : y + side, x : x + side] = window
    return canvas


def draw_mass(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The picture with everything outside a mask of patches darkened.

    Args:
        picture: (H, W, 3) uint8 BGR.
        mask: (rows, columns) bool.
    """
    size = picture.shape[1::-1]
    shown = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    dark = (picture * 0.25).astype(np.uint8)
    return np.where(shown[..., None].astype(bool), picture, dark)


def draw_matches(
    first: np.ndarray,
    second: np.ndarray,
    pairs: tuple[np.ndarray, np.ndarray],
    columns: int,
    patch: int,
    enlarge: int = 2,
) -> np.ndarray:
    """Two pictures side by side, a line of its own colour for every match.

    Args:
        first: (H, W, 3) uint8 BGR at the size that the grid lies on.
        second: The same size.
        pairs: Patches of the first picture and their matches, (n,) each.
        columns: Of the grid.
        patch: Side of a patch in pixels.
        enlarge: Factor of the drawing.
    """
    gap, factor = 40, enlarge
    tiles = [
        cv2.resize(p, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        for p in (first, second)
    ]
    between = np.full((tiles[0].shape[0], gap, 3), PAPER, np.uint8)
    canvas = np.hstack([tiles[0], between, tiles[1]])
    shift = tiles[0].shape[1] + gap
    for number, (one, other) in enumerate(zip(*pairs, strict=True)):
        hue = number / max(len(pairs[0]), 1)
        colour = tuple(round(255 * v) for v in colorsys.hsv_to_rgb(hue, 0.9, 1.0))[::-1]
        ends = []
        for place, left in ((one, 0), (other, shift)):
            x1, y1, x2, y2 = patch_box(place, columns, patch)
            ends.append((left + (x1 + x2) * factor // 2, (y1 + y2) * factor // 2))
        cv2.line(canvas, *ends, colour, 2, cv2.LINE_AA)
        for end in ends:
            cv2.circle(canvas, end, 4, colour, -1, cv2.LINE_AA)
    return canvas
