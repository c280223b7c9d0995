"""Painting shaded body parts: tubes, ellipsoids and polygons over a transparent canvas.

Everything is anti-aliased by signed distance, shaded like a rounded surface, and
kept with premultiplied alpha so that parts and pictures can be layered exactly.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

Texture = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Canvas:
    """A transparent picture.

    Attributes:
        colour: (H, W, 3) float32 BGR 0..255, already multiplied by alpha.
        alpha: (H, W) float32 in 0..1.
        light: Side the light comes from, -1 (left) to 1 (right).
    """

    def __init__(self, height: int, width: int, light: float = 0.0) -> None:
        self.colour = np.zeros((height, width, 3), np.float32)
        self.alpha = np.zeros((height, width), np.float32)
        self.light = light

    def window(self, low: np.ndarray, high: np.ndarray) -> tuple[int, int, int, int]:
        """Pixel window (x0, y0, x1, y1) around points, cut to the canvas."""
        height, width = self.alpha.shape
        x0, y0 = np.maximum(np.floor(low) - 1, 0).astype(int)
        x1, y1 = np.ceil(high).astype(int) + 2
        return x0, y0, max(x0, min(x1, width)), max(y0, min(y1, height))

    def over(self, x0: int, y0: int, coverage: np.ndarray, colour) -> None:
        """Lay a colour over the canvas.

        Args:
            x0: Left column.
            y0: Top row.
            coverage: (h, w) float32 in 0..1.
            colour: (h, w, 3) or (3,), BGR 0..255.
        """
        part = slice(y0, y0 + coverage.shape[0]), slice(x0, x0 + coverage.shape[1])
        rest = 1 - coverage
        self.colour[part] *= rest[..., None]
        self.colour[part] += coverage[..., None] * colour
        self.alpha[part] *= rest
        self.alpha[part] += coverage


def _grid(window: tuple[int, int, int, int], origin) -> tuple[np.ndarray, np.ndarray]:
    x0, y0, x1, y1 = window
    dx = np.arange(x0, x1, dtype=np.float32) - np.float32(origin[0])
    dy = np.arange(y0, y1, dtype=np.float32) - np.float32(origin[1])
    return dx[None], dy[:, None]


def _rounded(across: np.ndarray, light: float) -> np.ndarray:
    """Shade of a round surface at ``across`` in -1..1, about 0.7 to 1.1."""
    return 1.06 - 0.36 * across * across + 0.13 * light * across


def tube(
    canvas: Canvas,
    start: np.ndarray,
    end: np.ndarray,
    radii: tuple[float, ...] | np.ndarray,
    colour: np.ndarray | Texture,
    *,
    rounded: tuple[bool, bool] = (True, True),
    shift: np.ndarray | None = None,
    shade: Callable | None = None,
) -> None:
    """Paint a limb or a trunk: a bent-less tube with a radius profile.

    Args:
        canvas: Painted in place.
        start: (2,) pixel where v = 0.
        end: (2,) pixel where v = 1.
        radii: Half widths in pixels at equally spaced v.
        colour: (3,) BGR, or a function of (v, u) giving (h, w, 3); u in -1..1 is the
            position across, positive to the right of a tube that points down.
        rounded: Round cap at the start and at the end; a flat cut otherwise.
        shift: Sideways displacement of the axis in pixels, same knots as ``radii``.
        shade: Further factor (h, w), a function of (v, u): folds of cloth.
    """
    radii = np.asarray(radii, np.float32)
    axis = np.asarray(end, np.float32) - start
    length = max(float(np.hypot(*axis)), 1e-3)
    direction = axis / length
    margin = radii.max() + 1 + (0 if shift is None else np.abs(shift).max())
    window = canvas.window(
        np.minimum(start, end) - margin, np.maximum(start, end) + margin
    )
    if window[0] >= window[2] or window[1] >= window[3]:
        return
    dx, dy = _grid(window, start)
    along = dx * direction[0] + dy * direction[1]
    across = dx * direction[1] - dy * direction[0]
    v = along / length
    inner = np.clip(v, 0, 1)
    if len(radii) == 2:
        radius = radii[0] + (radii[1] - radii[0]) * inner
    else:
        knots = np.linspace(0, 1, len(radii))
        radius = np.interp(inner, knots, radii).astype(np.float32)
        if shift is not None:
            across = across - np.interp(inner, knots, shift).astype(np.float32)
    beyond = along - inner * length
    coverage = np.clip(radius - np.hypot(across, beyond) + 0.5, 0, 1)
    if not rounded[0]:
        coverage *= np.clip(along + 0.5, 0, 1)
    if not rounded[1]:
        coverage *= np.clip(length - along + 0.5, 0, 1)
    u = np.clip(across / np.maximum(radius, 0.5), -1, 1)
    shading = _rounded(u, canvas.light)
    if shade is not None:
        shading = shading * shade(inner, u)
    paint = colour(inner, u) if callable(colour) else colour
    canvas.over(window[0], window[1], coverage, paint * shading[..., None])


def ellipsoid(
    canvas: Canvas,
    centre: np.ndarray,
    radii: tuple[float, float],
    colour: np.ndarray | Texture,
    *,
    region: Callable | None = None,
    taper: float = 0.0,
) -> None:
    """Paint a ball, or the part of its surface where ``region`` says so.

    Args:
        canvas: Painted in place.
        centre: (2,) pixel.
        radii: Horizontal and vertical half axes in pixels.
        colour: (3,) BGR, or a function of (x, y) giving (h, w, 3).
        region: Function of (x, y, z) giving (h, w) in 0..1: x right, y up, z towards
            the camera, on the unit sphere.
        taper: Narrowing of the lower half (a jaw).
    """
    reach = np.asarray(radii, np.float32)
    window = canvas.window(centre - reach, centre + reach)
    if window[0] >= window[2] or window[1] >= window[3]:
        return
    dx, dy = _grid(window, centre)
    y = -dy / reach[1]
    x = dx / (reach[0] * (1 - taper * np.maximum(0, -y)))
    square = x * x + y * y
    size = float(min(reach))
    coverage = np.clip((1 - np.sqrt(square)) * size + 0.5, 0, 1)
    if region is not None:
        z = np.sqrt(np.maximum(0, 1 - square))
        coverage = coverage * region(x, y + 0 * x, z)
    shading = _rounded(np.clip(x, -1, 1), canvas.light) * (1.02 + 0.06 * y)
    paint = colour(x, y) if callable(colour) else colour
    canvas.over(window[0], window[1], coverage, paint * shading[..., None])


def polygon(canvas: Canvas, points: np.ndarray, colour: np.ndarray) -> None:
    """Paint an anti-aliased polygon of (k, 2) pixel corners in one BGR colour."""
    points = np.asarray(points, np.float32)
    window = canvas.window(points.min(0), points.max(0))
    if window[0] >= window[2] or window[1] >= window[3]:
        return
    mask = np.zeros((window[3] - window[1], window[2] - window[0]), np.uint8)
    corners = np.round((points - window[:2]) * 16).astype(np.int32)
    cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, 4)
    canvas.over(window[0], window[1], mask.astype(np.float32) / 255, colour)
