"""Who a person is: everything that stays the same from picture to picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mmpsearch.datasets.synthetic.palette import (
    Colour,
    draw_cloth_colour,
    draw_contrasting_colour,
    draw_hair_colour,
    draw_skin_colour,
)
from mmpsearch.datasets.synthetic.seeds import stream

TOPS = ("tee", "long", "jacket", "vest", "coat", "hoodie")
BOTTOMS = ("trousers", "shorts", "skirt", "long skirt")
PATTERNS = (
    "plain",
    "horizontal stripes",
    "vertical stripes",
    "check",
    "plaid",
    "dots",
    "two-tone",
    "band",
    "logo",
    "raglan",
)
BOTTOM_PATTERNS = ("plain", "side stripe", "check", "cuff", "vertical stripes")
LOGOS = ("disc", "square", "triangle", "cross")
HAIR_STYLES = ("short", "crop", "bald", "bob", "long", "bun", "ponytail", "curls")


@dataclass(frozen=True)
class Garment:
    """A piece of clothing: cut, pattern, two colours and the pattern's period.

    ``period`` is in person units (1 = a body of average height).
    """

    kind: str
    pattern: str
    first: Colour
    second: Colour
    period: float
    logo: str = "disc"


@dataclass(frozen=True)
class Identity:
    """A person. Lengths are factors around 1; colours are materials in both spectra."""

    female: bool
    height: float
    girth: float
    legs: float
    head: float
    shoulders: float
    hips: float
    skin: Colour
    hair: Colour
    hair_style: str
    beard: bool
    glasses: str
    hat: str
    hat_colour: Colour
    top: Garment
    inner: Colour
    bottom: Garment
    shoes: str
    shoe_colour: Colour
    bag: str
    bag_side: int
    bag_colour: Colour
    scarf: bool
    scarf_colour: Colour


def _pick(rng: np.random.Generator, names: tuple, shares: tuple) -> str:
    return names[rng.choice(len(names), p=np.array(shares) / np.sum(shares))]


def _draw_top(rng: np.random.Generator) -> Garment:
    first = draw_cloth_colour(rng)
    return Garment(
        kind=_pick(rng, TOPS, (0.24, 0.22, 0.18, 0.08, 0.12, 0.16)),
        pattern=_pick(
            rng, PATTERNS, (0.3, 0.1, 0.06, 0.06, 0.07, 0.06, 0.09, 0.08, 0.1, 0.08)
        ),
        first=first,
        second=draw_contrasting_colour(rng, first),
        period=float(rng.uniform(0.032, 0.06)),
        logo=LOGOS[rng.integers(len(LOGOS))],
    )


def _draw_bottom(rng: np.random.Generator, female: bool) -> Garment:
    shares = (0.5, 0.14, 0.22, 0.14) if female else (0.74, 0.26, 0.0, 0.0)
    first = draw_cloth_colour(rng)
    return Garment(
        kind=_pick(rng, BOTTOMS, shares),
        pattern=_pick(rng, BOTTOM_PATTERNS, (0.66, 0.11, 0.09, 0.08, 0.06)),
        first=first,
        second=draw_contrasting_colour(rng, first),
        period=float(rng.uniform(0.03, 0.055)),
    )


def draw_identity(seed: int, split: str, index: int) -> Identity:
    """Identity ``index`` of ``split``: the same person in every layout.

    Args:
        seed: Seed of the data set.
        split: A name of :data:`mmpsearch.datasets.synthetic.seeds.SPLITS`.
        index: Number of the identity within the split, >= 0.
    """
    rng = stream(seed, "identity", split, index)
    female = bool(rng.random() < 0.5)
    styles = (
        (0.08, 0.02, 0.0, 0.24, 0.3, 0.14, 0.16, 0.06)
        if female
        else (0.52, 0.22, 0.11, 0.03, 0.03, 0.02, 0.02, 0.05)
    )
    bags = ("none", "backpack", "shoulder", "hand")
    return Identity(
        female=female,
        height=float(np.clip(rng.normal(0.96 if female else 1.02, 0.05), 0.84, 1.14)),
        girth=float(np.clip(rng.normal(1.0, 0.13), 0.78, 1.36)),
        legs=float(np.clip(rng.normal(1.0, 0.04), 0.9, 1.1)),
        head=float(rng.uniform(0.98, 1.2)),
        shoulders=float(rng.normal(0.92 if female else 1.06, 0.05)),
        hips=float(rng.normal(1.1 if female else 0.97, 0.05)),
        skin=draw_skin_colour(rng),
        hair=draw_hair_colour(rng),
        hair_style=_pick(rng, HAIR_STYLES, styles),
        beard=bool(not female and rng.random() < 0.28),
        glasses=_pick(rng, ("none", "clear", "dark"), (0.72, 0.16, 0.12)),
        hat=_pick(rng, ("none", "cap", "beanie", "brim"), (0.76, 0.11, 0.08, 0.05)),
        hat_colour=draw_cloth_colour(rng),
        top=_draw_top(rng),
        inner=draw_cloth_colour(rng),
        bottom=_draw_bottom(rng, female),
        shoes=_pick(rng, ("shoes", "sneakers", "boots"), (0.4, 0.38, 0.22)),
        shoe_colour=draw_cloth_colour(rng),
        bag=_pick(rng, bags, (0.45, 0.23, 0.17, 0.15)),
        bag_side=int(rng.choice((-1, 1))),
        bag_colour=draw_cloth_colour(rng),
        scarf=bool(rng.random() < 0.1),
        scarf_colour=draw_cloth_colour(rng),
    )


def draw_look_alike(seed: int, split: str, index: int) -> Identity:
    """As ``draw_identity``, in pairs that are dressed alike.

    Four of five odd identities wear the top or the trousers (or skirt) of the one
    before them.
    """
    own = draw_identity(seed, split, index)
    if index % 2 == 0:
        return own
    other = draw_identity(seed, split, index - 1)
    shared = stream(seed, "identity", split, index, 1).choice(5)
    if shared < 2:
        return replace(own, top=other.top, inner=other.inner)
    return replace(own, bottom=other.bottom) if shared < 4 else own
