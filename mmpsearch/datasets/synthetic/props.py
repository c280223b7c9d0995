"""Things that stand in streets, parks and halls: clutter and occluders.

Each prop is drawn in person units (1 = a body of average height), standing on y = 0.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from mmpsearch.datasets.synthetic.figure import Sprite

_FINE = 2  # drawn at twice the size, then averaged down


class Sketch:
    """A transparent drawing in person units, x around 0, y up from the ground."""

    def __init__(self, half_width: float, height: float, unit: float) -> None:
        self.scale = unit * _FINE
        self.half = half_width
        self.height = height
        size = int(2 * half_width * self.scale) + 4, int(height * self.scale) + 4
        self.colour = np.zeros((size[1], size[0], 3), np.uint8)
        self.mask = np.zeros((size[1], size[0]), np.uint8)

    def _pixels(self, points: np.ndarray) -> np.ndarray:
        points = np.asarray(points, float)
        x = (points[:, 0] + self.half) * self.scale + 2
        y = (self.height - points[:, 1]) * self.scale + 2
        return np.round(np.stack((x, y), 1) * 16).astype(np.int32)

    def polygon(self, points, colour) -> None:
        """Filled polygon of (k, 2) points."""
        corners = [self._pixels(points)]
        cv2.fillPoly(self.colour, corners, tuple(map(float, colour)), cv2.LINE_8, 4)
        cv2.fillPoly(self.mask, corners, 255, cv2.LINE_8, 4)

    def box(self, x0: float, y0: float, x1: float, y1: float, colour) -> None:
        """Filled rectangle."""
        self.polygon(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), colour)

    def disc(self, x: float, y: float, radius: float, colour, flat: float = 1) -> None:
        """Filled ellipse, ``flat`` times as tall as wide."""
        turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        points = np.stack(
            (x + radius * np.cos(turn), y + flat * radius * np.sin(turn)), 1
        )
        self.polygon(points, colour)

    def finish(self) -> Sprite:
        """Average down to a sprite whose foot is the drawing's ground point."""
        height, width = self.mask.shape
        size = max(2, width // _FINE), max(2, height // _FINE)
        alpha = self.mask.astype(np.float32) / 255
        colour = self.colour.astype(np.float32) * alpha[..., None]
        return Sprite(
            cv2.resize(colour, size, interpolation=cv2.INTER_AREA),
            cv2.resize(alpha, size, interpolation=cv2.INTER_AREA),
            (size[0] / 2, size[1] - 1.0),
        )


def muted_colour(
    rng: np.random.Generator, low: float = 40, high: float = 200
) -> np.ndarray:
    """A muted BGR colour."""
    grey = rng.uniform(low, high)
    return np.clip(grey + rng.normal(0, 0.16 * grey, 3), 10, 245)


def leaf_colour(rng: np.random.Generator) -> np.ndarray:
    """(3,) float BGR in 0..255 of one tree's or bush's leaves."""
    return np.clip(
        np.array((52, 100, 66)) * rng.uniform(0.6, 1.25) + rng.normal(0, 8, 3), 0, 255
    )


def _foliage(sketch: Sketch, rng, x: float, y: float, radius: float, leaf) -> None:
    for _ in range(14):
        turn, away = rng.uniform(0, 2 * np.pi), radius * 0.62 * np.sqrt(rng.random())
        dy = away * np.sin(turn)
        shade = np.clip(
            leaf * (0.85 + 0.35 * dy / radius + rng.normal(0, 0.07)), 0, 255
        )
        spot = radius * rng.uniform(0.3, 0.5)
        sketch.disc(x + away * np.cos(turn), y + 0.9 * dy, spot, shade)


def bench(rng: np.random.Generator, unit: float) -> Sprite:
    """A park bench with back rest."""
    sketch = Sketch(0.58, 0.56, unit)
    wood, iron = muted_colour(rng, 60, 150), muted_colour(rng, 25, 70)
    for x in (-0.46, 0.4):
        sketch.box(x, 0, x + 0.05, 0.5, iron)
    for y in (0.36, 0.46):
        sketch.box(-0.55, y, 0.55, y + 0.07, wood)
    sketch.box(-0.57, 0.22, 0.57, 0.29, wood * 0.8)
    return sketch.finish()


def bin_(rng: np.random.Generator, unit: float) -> Sprite:
    """A litter bin."""
    sketch = Sketch(0.2, 0.6, unit)
    body = muted_colour(rng)
    sketch.polygon(((-0.15, 0), (0.15, 0), (0.18, 0.5), (-0.18, 0.5)), body)
    sketch.box(0.05, 0.02, 0.11, 0.49, body * 0.8)
    sketch.box(-0.19, 0.5, 0.19, 0.57, body * 0.6)
    return sketch.finish()


def pole(rng: np.random.Generator, unit: float) -> Sprite:
    """A lamp post."""
    sketch = Sketch(0.2, 2.3, unit)
    iron = muted_colour(rng, 30, 110)
    sketch.box(-0.03, 0, 0.03, 2.2, iron)
    sketch.box(0.01, 0, 0.03, 2.2, iron * 0.75)
    sketch.box(-0.06, 0, 0.06, 0.16, iron * 0.8)
    sketch.disc(0, 2.2, 0.1, (205, 225, 232))
    return sketch.finish()


def sign(rng: np.random.Generator, unit: float) -> Sprite:
    """A traffic sign: a red octagon, a disc or a board."""
    sketch = Sketch(0.3, 1.5, unit)
    sketch.box(-0.022, 0, 0.022, 1.2, (120, 122, 124))
    face = ((44, 40, 190), (170, 96, 36), (60, 180, 220), (70, 140, 60))[
        rng.integers(4)
    ]
    if rng.random() < 0.5:
        turn = np.pi / 8 + np.arange(8) * np.pi / 4
        corners = np.stack((0.2 * np.cos(turn), 1.24 + 0.2 * np.sin(turn)), 1)
        sketch.polygon(corners, (232, 232, 232))
        sketch.polygon((corners - (0, 1.24)) * 0.88 + (0, 1.24), face)
        sketch.box(-0.12, 1.21, 0.12, 1.27, (235, 235, 235))
    else:
        sketch.box(-0.26, 1.02, 0.26, 1.44, face)
        for y in (1.12, 1.22, 1.32):
            sketch.box(-0.2, y, rng.uniform(0, 0.2), y + 0.04, (232, 232, 232))
    return sketch.finish()


def planter(rng: np.random.Generator, unit: float) -> Sprite:
    """A plant in a tub."""
    sketch = Sketch(0.42, 0.95, unit)
    tub, leaf = muted_colour(rng, 60, 190), leaf_colour(rng)
    _foliage(sketch, rng, 0, 0.58, 0.36, leaf)
    sketch.polygon(((-0.26, 0), (0.26, 0), (0.31, 0.32), (-0.31, 0.32)), tub)
    sketch.box(-0.33, 0.29, 0.33, 0.36, tub * 0.85)
    return sketch.finish()


def bush(rng: np.random.Generator, unit: float) -> Sprite:
    """A bush."""
    sketch = Sketch(0.7, 0.75, unit)
    leaf = leaf_colour(rng)
    for x in (-0.3, 0.3, 0):
        _foliage(sketch, rng, x, 0.3, 0.34, leaf)
    return sketch.finish()


def tree(rng: np.random.Generator, unit: float) -> Sprite:
    """A tree."""
    sketch = Sketch(0.9, 2.7, unit)
    bark = np.array((46, 62, 84)) * rng.uniform(0.7, 1.2)
    sketch.polygon(((-0.09, 0), (0.09, 0), (0.05, 1.4), (-0.05, 1.4)), bark)
    leaf = leaf_colour(rng)
    for x, y, radius in ((-0.35, 1.5, 0.4), (0.35, 1.55, 0.42), (0, 1.9, 0.6)):
        _foliage(sketch, rng, x, y, radius, leaf)
    return sketch.finish()


def bollard(rng: np.random.Generator, unit: float) -> Sprite:
    """A bollard."""
    sketch = Sketch(0.12, 0.62, unit)
    body = muted_colour(rng, 40, 190)
    sketch.box(-0.08, 0, 0.08, 0.52, body)
    sketch.disc(0, 0.52, 0.08, body)
    sketch.box(-0.08, 0.38, 0.08, 0.44, (215, 215, 215))
    return sketch.finish()


def hydrant(rng: np.random.Generator, unit: float) -> Sprite:
    """A fire hydrant."""
    sketch = Sketch(0.2, 0.55, unit)
    body = np.array(((36, 36, 178), (40, 170, 214))[rng.integers(2)], float)
    sketch.box(-0.09, 0, 0.09, 0.4, body)
    sketch.disc(0, 0.4, 0.1, body)
    sketch.box(-0.17, 0.22, 0.17, 0.31, body * 0.8)
    sketch.box(-0.12, 0, 0.12, 0.06, body * 0.7)
    return sketch.finish()


def suitcase(rng: np.random.Generator, unit: float) -> Sprite:
    """A suitcase."""
    sketch = Sketch(0.2, 0.62, unit)
    body = muted_colour(rng, 40, 170)
    sketch.box(-0.08, 0.36, -0.06, 0.58, (60, 60, 60))
    sketch.box(0.06, 0.36, 0.08, 0.58, (60, 60, 60))
    sketch.box(-0.09, 0.56, 0.09, 0.59, (50, 50, 50))
    sketch.box(-0.17, 0.03, 0.17, 0.4, body)
    for x in (-0.1, 0, 0.1):
        sketch.box(x - 0.01, 0.05, x + 0.01, 0.38, body * 0.8)
    return sketch.finish()


def machine(rng: np.random.Generator, unit: float) -> Sprite:
    """A person-sized vending machine or notice board."""
    sketch = Sketch(0.34, 1.1, unit)
    body = muted_colour(rng, 50, 200)
    sketch.box(-0.3, 0, 0.3, 1.06, body)
    sketch.box(-0.24, 0.4, 0.24, 1.0, body * 0.45)
    for row in range(3):
        for column in range(4):
            x, y = -0.2 + 0.11 * column, 0.45 + 0.18 * row
            sketch.box(x, y, x + 0.07, y + 0.12, muted_colour(rng, 70, 220))
    sketch.box(-0.2, 0.12, 0.2, 0.26, body * 0.5)
    return sketch.finish()


def bicycle(rng: np.random.Generator, unit: float) -> Sprite:
    """A parked bicycle."""
    sketch = Sketch(0.6, 0.68, unit)
    frame = muted_colour(rng, 40, 190)
    turn = np.linspace(0, 2 * np.pi, 28)
    for x in (-0.33, 0.33):
        rim, hole = (
            np.stack((x + radius * np.cos(turn), 0.2 + radius * np.sin(turn)), 1)
            for radius in (0.2, 0.172)
        )
        sketch.polygon(np.concatenate((rim, hole[::-1])), (36, 36, 38))
    joints = np.array(
        ((-0.33, 0.2), (-0.08, 0.2), (0.22, 0.48), (-0.16, 0.48), (0.33, 0.2))
    )
    for a, b in ((0, 1), (1, 2), (2, 3), (3, 1), (3, 0), (2, 4)):
        way = joints[b] - joints[a]
        side = 0.014 * np.array((-way[1], way[0])) / np.hypot(*way)
        corners = (
            joints[a] + side,
            joints[b] + side,
            joints[b] - side,
            joints[a] - side,
        )
        sketch.polygon(corners, frame)
    sketch.box(-0.24, 0.53, -0.08, 0.57, (30, 30, 32))
    sketch.box(0.16, 0.56, 0.32, 0.59, (50, 50, 52))
    sketch.box(0.2, 0.46, 0.23, 0.58, frame)
    return sketch.finish()


def car(rng: np.random.Generator, unit: float) -> Sprite:
    """A parked car seen from the side."""
    sketch = Sketch(1.32, 0.9, unit)
    body, glass = (
        muted_colour(rng, 40, 215),
        np.array((92, 78, 66)) * rng.uniform(0.6, 1.4),
    )
    hull = (
        (-1.28, 0.14),
        (1.28, 0.14),
        (1.3, 0.42),
        (1.05, 0.5),
        (-1.1, 0.52),
        (-1.3, 0.4),
    )
    sketch.polygon(hull, body)
    roof = (-0.95, 0.5), (0.82, 0.48), (0.46, 0.82), (-0.55, 0.84)
    sketch.polygon(roof, body * 0.93)
    sketch.polygon(((-0.82, 0.52), (-0.08, 0.51), (-0.08, 0.77), (-0.5, 0.78)), glass)
    sketch.polygon(((-0.01, 0.51), (0.68, 0.5), (0.41, 0.76), (-0.01, 0.77)), glass)
    sketch.box(-1.29, 0.14, 1.29, 0.2, body * 0.6)
    sketch.box(1.2, 0.34, 1.3, 0.42, (190, 225, 240))
    sketch.box(-1.3, 0.34, -1.22, 0.42, (50, 44, 190))
    for x in (-0.8, 0.78):
        sketch.disc(x, 0.17, 0.2, body * 0.35)
        sketch.disc(x, 0.17, 0.17, (34, 34, 36))
        sketch.disc(x, 0.17, 0.09, (150, 152, 154))
    return sketch.finish()


PROPS: dict[str, Callable[[np.random.Generator, float], Sprite]] = {
    "bench": bench,
    "bin": bin_,
    "pole": pole,
    "sign": sign,
    "planter": planter,
    "bush": bush,
    "tree": tree,
    "bollard": bollard,
    "hydrant": hydrant,
    "suitcase": suitcase,
    "machine": machine,
    "bicycle": bicycle,
    "car": car,
}
OCCLUDERS = (
    "bench",
    "bin",
    "planter",
    "bush",
    "bollard",
    "pole",
    "sign",
    "suitcase",
    "bicycle",
    "hydrant",
    "machine",
)
