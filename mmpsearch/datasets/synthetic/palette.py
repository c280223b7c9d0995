"""Colours of clothes, skin and hair, each with its grey value in near infrared.

The clothing palette is skewed on purpose. With uniform colours a colour histogram
of the box nearly solves person search; with mostly black, white, grey and blue
clothes people have to be told apart by pattern, cut, hair, bags and proportions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mmpsearch.datasets.synthetic.infrared import material_grey


class Colour(NamedTuple):
    """A material: red, green, blue and near-infrared grey, each in 0..255."""

    red: float
    green: float
    blue: float
    infrared: float

    def bgr(self, modality: str) -> np.ndarray:
        """(3,) float32, blue-green-red for ``'rgb'``, three greys for ``'ir'``."""
        if modality == "ir":
            return np.full(3, self.infrared, np.float32)
        return np.array((self.blue, self.green, self.red), np.float32)


class Swatch(NamedTuple):
    """A palette entry: colour, share among clothes, reflectance in near infrared."""

    rgb: tuple[int, int, int]
    weight: float
    infrared: int


CLOTHES = {
    "black": Swatch((27, 27, 31), 0.19, 92),
    "white": Swatch((232, 231, 228), 0.12, 214),
    "grey": Swatch((128, 129, 132), 0.08, 150),
    "dark grey": Swatch((72, 73, 78), 0.06, 64),
    "light grey": Swatch((184, 185, 186), 0.04, 196),
    "navy": Swatch((34, 43, 82), 0.09, 132),
    "blue": Swatch((54, 96, 168), 0.07, 172),
    "light blue": Swatch((138, 176, 212), 0.03, 205),
    "brown": Swatch((104, 72, 52), 0.05, 118),
    "beige": Swatch((205, 186, 152), 0.05, 186),
    "olive": Swatch((92, 98, 58), 0.04, 140),
    "green": Swatch((46, 124, 72), 0.03, 160),
    "red": Swatch((184, 40, 44), 0.04, 178),
    "burgundy": Swatch((104, 26, 40), 0.03, 104),
    "pink": Swatch((222, 148, 168), 0.02, 200),
    "purple": Swatch((106, 68, 134), 0.02, 148),
    "orange": Swatch((224, 124, 44), 0.02, 190),
    "yellow": Swatch((226, 190, 66), 0.02, 208),
}
SKINS = (
    (246, 212, 188),
    (234, 194, 164),
    (214, 168, 134),
    (186, 134, 100),
    (140, 94, 66),
    (96, 64, 48),
)
HAIRS = (
    ((28, 24, 24), 0.34, 62),
    ((58, 40, 30), 0.26, 84),
    ((104, 70, 44), 0.14, 112),
    ((186, 148, 92), 0.10, 168),
    ((142, 66, 40), 0.05, 134),
    ((168, 166, 164), 0.11, 176),
)

_NAMES = tuple(CLOTHES)
_WEIGHTS = np.array([CLOTHES[name].weight for name in _NAMES])
_WEIGHTS /= _WEIGHTS.sum()


def _jitter(rng: np.random.Generator, rgb: tuple, spread: float) -> np.ndarray:
    return np.clip(rng.normal(0, spread, 3) + rgb, 8, 247)


def draw_cloth_colour(rng: np.random.Generator) -> Colour:
    """A clothing colour from the skewed palette, with jitter of 9 grey levels."""
    swatch = CLOTHES[_NAMES[rng.choice(len(_NAMES), p=_WEIGHTS)]]
    rgb = _jitter(rng, swatch.rgb, 9)
    return Colour(*rgb, material_grey(rng, rgb, swatch.infrared))


def draw_contrasting_colour(rng: np.random.Generator, other: Colour) -> Colour:
    """A clothing colour that can be told from ``other`` in a pattern (both spectra)."""
    for _ in range(20):
        colour = draw_cloth_colour(rng)
        visible = np.abs(np.subtract(colour[:3], other[:3])).sum()
        if visible > 120 and abs(colour.infrared - other.infrared) > 18:
            break
    return colour


def draw_skin_colour(rng: np.random.Generator) -> Colour:
    """A skin colour; skin is bright in near infrared whatever its tone."""
    rgb = _jitter(rng, SKINS[rng.integers(len(SKINS))], 5)
    return Colour(*rgb, 150 + 0.28 * rgb.mean() + rng.normal(0, 6))


def draw_hair_colour(rng: np.random.Generator) -> Colour:
    """A hair colour by its frequency."""
    shares = np.array([weight for _, weight, _ in HAIRS])
    rgb, _, grey = HAIRS[rng.choice(len(HAIRS), p=shares / shares.sum())]
    rgb = _jitter(rng, rgb, 6)
    return Colour(*rgb, material_grey(rng, rgb, grey))
