"""Places without people: a street, a park, a square, a hall."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mmpsearch.datasets.synthetic.figure import Sprite, resize_sprite
from mmpsearch.datasets.synthetic.props import PROPS, leaf_colour, muted_colour

PLACES = ("street", "park", "square", "hall")
_CLUTTER = {
    "street": ("car", "sign", "pole", "bin", "bollard", "bicycle", "tree", "hydrant"),
    "park": ("tree", "bush", "bench", "bin", "pole", "bicycle"),
    "square": ("bench", "planter", "pole", "bin", "tree", "bollard", "sign"),
    "hall": ("machine", "planter", "bin", "suitcase", "sign", "bench"),
}


class Ground(NamedTuple):
    """Where the floor is and how tall people look on it, in pixels.

    Attributes:
        edge: Row where the wall meets the ground.
        far: Row of the feet of the farthest people.
        near: Row of the feet of the nearest people.
        far_height: Height of an average person whose feet are at ``far``.
        near_height: The same at ``near``.
    """

    edge: float
    far: float
    near: float
    far_height: float
    near_height: float

    def height_at(self, row: float) -> float:
        """Height in pixels of an average person whose feet are at ``row``."""
        slope = (self.near_height - self.far_height) / (self.near - self.far)
        return max(8.0, self.far_height + slope * (row - self.far))

    @property
    def horizon(self) -> float:
        """Row where heights vanish: the camera's eye level."""
        slope = (self.near_height - self.far_height) / (self.near - self.far)
        return self.far - self.far_height / slope


def smooth_noise(rng: np.random.Generator, shape: tuple, cell: float) -> np.ndarray:
    """(H, W) float32 noise of mean 0 and sd about 0.5 with blobs of ``cell`` pixels."""
    height, width = shape
    small = max(2, int(height / cell) + 2), max(2, int(width / cell) + 2)
    noise = rng.standard_normal(small, np.float32)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)


def paste(image: np.ndarray, sprite: Sprite, x: float, y: float) -> tuple | None:
    """Blend a sprite into a float32 picture with its foot at (x, y), in place.

    Returns:
        ``(rows, columns, alpha)`` of the visible window, or None outside the frame.
    """
    height, width = image.shape[:2]
    h, w = sprite.alpha.shape
    left, top = round(x - sprite.foot[0]), round(y - sprite.foot[1])
    x0, y0, x1, y1 = (
        max(left, 0),
        max(top, 0),
        min(left + w, width),
        min(top + h, height),
    )
    if x0 >= x1 or y0 >= y1:
        return None
    inner = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    rows, columns = slice(y0, y1), slice(x0, x1)
    alpha = sprite.alpha[inner]
    window = image[rows, columns]
    window *= 1 - alpha[..., None]
    window += sprite.colour[inner]
    return rows, columns, alpha


def draw_shadow(image: np.ndarray, x: float, y: float, width: float) -> None:
    """A soft contact shadow on the ground, in place."""
    height = 0.3 * width
    y0, y1 = int(max(0, y - height)), int(min(image.shape[0], y + height + 1))
    x0, x1 = int(max(0, x - width)), int(min(image.shape[1], x + width + 1))
    if y0 >= y1 or x0 >= x1:
        return
    dy = (np.arange(y0, y1, dtype=np.float32) - np.float32(y))[:, None] / height
    dx = (np.arange(x0, x1, dtype=np.float32) - np.float32(x))[None] / width
    depth = 0.5 * np.clip(1 - dx * dx - dy * dy, 0, 1)
    image[y0:y1, x0:x1] *= 1 - depth[..., None]


def _rectangle(image: np.ndarray, x0, y0, x1, y1, colour) -> None:
    corners = np.array(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
    corners = np.round(corners * 16).astype(np.int32)
    cv2.fillConvexPoly(image, corners, tuple(map(float, colour)), cv2.LINE_AA, 4)


def _facade(image: np.ndarray, rng, edge: float, unit: float, storeys: float) -> None:
    """Wall with bricks or panels, windows, doors and shop signs above row ``edge``."""
    width = image.shape[1]
    wall = muted_colour(rng, 70, 205)
    _rectangle(image, 0, 0, width, edge, wall)
    if rng.random() < 0.5:
        step = max(3.0, 0.09 * unit)
        for row, y in enumerate(np.arange(edge, 0, -step)):
            cv2.line(image, (0, int(y)), (width, int(y)), tuple(wall * 0.86), 1)
            for x in np.arange((row % 2) * step, width, 2 * step):
                end = (int(x), int(y - step))
                cv2.line(image, (int(x), int(y)), end, tuple(wall * 0.9), 1)
    x = rng.uniform(0, 0.3) * unit
    glass, trim = muted_colour(rng, 40, 120), muted_colour(rng, 50, 230)
    sill = edge - rng.uniform(0.25, 0.55) * unit
    while x < width:
        wide = rng.uniform(0.4, 0.9) * unit
        kind = rng.random()
        if kind < 0.25:
            door = muted_colour(rng, 30, 150)
            _rectangle(image, x, edge - 1.25 * unit, x + 0.55 * unit, edge, trim)
            _rectangle(image, x + 2, edge - 1.2 * unit, x + 0.55 * unit - 2, edge, door)
            wide = 0.55 * unit
        elif kind < 0.85:
            top = sill - rng.uniform(0.7, 1.0) * unit
            for lift in np.arange(0, storeys) * 1.7 * unit:
                _rectangle(image, x, top - lift, x + wide, sill - lift, trim)
                tint = glass * rng.uniform(0.6, 1.5)
                _rectangle(
                    image, x + 2, top - lift + 2, x + wide - 2, sill - lift - 2, tint
                )
                middle = x + wide / 2
                _rectangle(image, middle - 1, top - lift, middle + 1, sill - lift, trim)
            if rng.random() < 0.3:
                _rectangle(
                    image,
                    x - 3,
                    top - 0.2 * unit,
                    x + wide + 3,
                    top,
                    muted_colour(rng, 60, 210),
                )
        x += wide + rng.uniform(0.15, 0.7) * unit


def _treeline(
    image: np.ndarray, rng: np.random.Generator, edge: float, unit: float
) -> None:
    height, width = image.shape[:2]
    sky = np.array((225, 205, 180)) * rng.uniform(0.75, 1.05)
    fade = np.linspace(0.8, 1.05, max(1, int(edge)), dtype=np.float32)[:, None, None]
    image[: int(edge)] = np.clip(sky * fade, 0, 255)
    leaf = leaf_colour(rng)
    for _ in range(int(9 * width / max(unit, 1))):
        x, y = rng.uniform(0, width), edge - rng.uniform(0, 1.5) * unit
        radius = rng.uniform(0.14, 0.42) * unit
        tone = np.clip(leaf * rng.uniform(0.55, 1.1), 0, 255)
        centre = (int(x * 16), int(y * 16))
        cv2.circle(image, centre, int(radius * 16), tuple(tone), -1, cv2.LINE_AA, 4)


def _ground(image: np.ndarray, rng, place: str, ground: Ground) -> None:
    """Floor with perspective: paving, lanes, grass with a path, or shiny tiles."""
    height, width = image.shape[:2]
    edge, eye = ground.edge, ground.horizon
    if place == "park":
        floor = np.array((58, 118, 92)) * rng.uniform(0.7, 1.2)
    else:
        floor = muted_colour(rng, 75, 175)
    _rectangle(image, 0, edge, width, height, floor)
    centre = rng.uniform(0.2, 0.8) * width
    rows = eye + (edge - eye) * 1.28 ** np.arange(1, 14)
    if place == "park":
        path = np.array((140, 165, 180)) * rng.uniform(0.7, 1.1)
        x0, x1 = rng.uniform(-0.5, 1.5, 2) * width
        half = rng.uniform(0.3, 0.7)
        points = []
        for row, x in ((edge, x0), (height, x1)):
            reach = half * ground.height_at(row)
            points.append((x - reach, x + reach))
        corners = np.array(
            (
                (points[0][0], edge),
                (points[0][1], edge),
                (points[1][1], height),
                (points[1][0], height),
            )
        )
        cv2.fillConvexPoly(image, corners.astype(np.int32), tuple(path), cv2.LINE_AA)
    elif place == "street":
        kerb = edge + 0.3 * (height - edge)
        _rectangle(image, 0, edge, width, kerb, np.minimum(floor * 1.22, 240))
        _rectangle(image, 0, kerb, width, kerb + 3, np.minimum(floor * 1.4, 245))
        lane = kerb + 0.45 * (height - kerb)
        for x in np.arange(rng.uniform(-50, 0), width, 0.16 * width):
            paint = np.minimum(floor * 1.5, 235)
            _rectangle(image, x, lane, x + 0.08 * width, lane + 4, paint)
    if place in ("square", "hall", "street"):
        line = tuple(floor * (0.9 if place == "hall" else 0.84))
        limit = edge + 0.3 * (height - edge) if place == "street" else height
        for row in rows[rows < limit]:
            cv2.line(image, (0, int(row)), (width, int(row)), line, 1, cv2.LINE_AA)
        gap = rng.uniform(0.4, 0.8) * ground.height_at(edge)
        for k in range(-60, 61):
            x = centre + k * gap
            if not -width < x < 2 * width:
                continue
            end = centre + k * gap * (limit - eye) / max(edge - eye, 1)
            a, b = (int(x), int(edge)), (int(end), int(limit))
            cv2.line(image, a, b, line, 1, cv2.LINE_AA)


def draw_place(
    rng: np.random.Generator, size: tuple[int, int], ground: Ground, place: str
) -> np.ndarray:
    """An empty place with person-sized clutter.

    Args:
        rng: The camera's generator.
        size: (width, height) in pixels.
        ground: Geometry of the floor.
        place: One of ``PLACES``.

    Returns:
        (H, W, 3) uint8 BGR.
    """
    width, height = size
    image = np.zeros((height, width, 3), np.uint8)
    unit = ground.height_at(ground.edge)
    if place == "park":
        _treeline(image, rng, ground.edge, unit)
    else:
        _facade(image, rng, ground.edge, unit, 1 if place == "hall" else 3)
    if place == "hall":
        for x in np.arange(rng.uniform(0, 40), width, rng.uniform(0.14, 0.24) * width):
            _rectangle(
                image, x, 0, x + 0.16 * unit, ground.edge, muted_colour(rng, 120, 220)
            )
    _ground(image, rng, place, ground)
    canvas = image.astype(np.float32)
    texture = smooth_noise(rng, (height, width), 2) + 1.6 * smooth_noise(
        rng, (height, width), max(8, height // 14)
    )
    canvas *= 1 + rng.uniform(0.02, 0.06) * texture[..., None]
    rows = np.sort(
        rng.uniform(ground.edge + 2, ground.far + 0.35 * (height - ground.far), 7)
    )
    for row in rows:
        name = _CLUTTER[place][rng.integers(len(_CLUTTER[place]))]
        tall = ground.height_at(row)
        sprite = resize_sprite(PROPS[name](rng, tall), 1.0)
        x = rng.uniform(0, width)
        draw_shadow(canvas, x, row, 0.5 * sprite.alpha.shape[1])
        paste(canvas, sprite, x, row)
    return np.clip(canvas, 0, 255).astype(np.uint8)
