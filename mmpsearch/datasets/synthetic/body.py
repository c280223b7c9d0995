"""Trunk, limbs and the clothes on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mmpsearch.datasets.synthetic.fabric import mix, pattern_weight
from mmpsearch.datasets.synthetic.identity import Garment, Identity
from mmpsearch.datasets.synthetic.palette import Colour
from mmpsearch.datasets.synthetic.pose import Pose
from mmpsearch.datasets.synthetic.skeleton import SIDES, View
from mmpsearch.datasets.synthetic.surface import Canvas, tube

# Half widths of the trunk from neck to crotch at ten equal steps, person units:
# seen from the front, seen from the side, and how far its axis bends forward.
_FRONT = (0.034, 0.088, 0.109, 0.105, 0.097, 0.088, 0.08, 0.079, 0.084, 0.089, 0.083)
_SIDE = (0.034, 0.05, 0.062, 0.07, 0.071, 0.067, 0.063, 0.064, 0.07, 0.074, 0.066)
_BEND = (0, 0, 0.004, 0.008, 0.009, 0.006, 0.004, 0, -0.006, -0.01, -0.006)
_BUST = (0, 0, 0.004, 0.013, 0.016, 0.007, 0, 0, 0, 0, 0)
_HEMS = {
    "tee": 0.84,
    "long": 0.85,
    "jacket": 0.9,
    "vest": 0.82,
    "coat": 0.95,
    "hoodie": 0.9,
}
_LOOSE = {"jacket": 1.09, "coat": 1.1, "hoodie": 1.13, "long": 1.03, "tee": 1.04}
_KNOTS = np.linspace(0, 1, 11)


@dataclass
class Sitter:
    """All that painting one figure needs: who, how, from where, on what."""

    identity: Identity
    pose: Pose
    joints: dict[str, np.ndarray]
    view: View
    canvas: Canvas
    modality: str

    def ink(self, colour: Colour) -> np.ndarray:
        """(3,) float32 BGR of a material in the sitter's modality."""
        return colour.bgr(self.modality)

    def at(self, name: str) -> np.ndarray:
        """(2,) pixel of a joint."""
        return self.view.project(self.joints[name])

    def px(self, *lengths: float) -> np.ndarray:
        """Person units to pixels."""
        return np.array(lengths) * self.view.unit

    def folds(self, amount: float) -> Callable:
        """Shading of soft creases, for :func:`tube`."""
        phase = self.pose.fold

        def shade(v: np.ndarray, u: np.ndarray) -> np.ndarray:
            return 1 + amount * np.sin(9 * v + 2.5 * u + phase)

        return shade


def _azimuth(u: np.ndarray, yaw: float) -> np.ndarray:
    """Angle of a surface point from the person's front line, -pi..pi."""
    angle = np.arcsin(u) - yaw
    return (angle + np.pi) % (2 * np.pi) - np.pi


def trunk_profile(sitter: Sitter, loose: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Half widths and sideways axis shift of the trunk in this view.

    Returns:
        (11,) pixels each, at equal steps from the neck to the crotch.
    """
    who = sitter.identity
    factor = np.interp(
        _KNOTS,
        (0, 0.1, 0.3, 0.55, 0.75, 1),
        (1, who.shoulders, who.shoulders, who.girth, who.hips, who.hips),
    )
    factor[1:] *= loose * who.girth**0.3
    sin, cos = np.sin(sitter.view.yaw), np.cos(sitter.view.yaw)
    side = np.array(_SIDE) + (np.array(_BUST) if who.female else 0)
    width = np.hypot(np.array(_FRONT) * factor * cos, side * factor * sin)
    bend = np.array(_BEND) + (0.8 * np.array(_BUST) if who.female else 0)
    return sitter.px(*width), sitter.px(*(bend * sin))


def _top_texture(sitter: Sitter, hem: float, offset: float = 0.0) -> Callable:
    """Colours of the upper garment over (v, u); ``offset`` shifts the pattern down."""
    who, yaw = sitter.identity, sitter.view.yaw
    top = who.top
    first, second = sitter.ink(top.first), sitter.ink(top.second)
    inner = sitter.ink(who.inner)

    def texture(v: np.ndarray, u: np.ndarray) -> np.ndarray:
        angle = _azimuth(u, yaw)
        down = v * hem * 0.315 + offset
        paint = mix(first, second, pattern_weight(top, angle * 0.09, down))
        if top.kind in ("jacket", "coat"):
            wide = 0.34 if top.kind == "jacket" else 0.2
            gap = wide * (1.15 - 0.8 * np.clip(down / 0.3, 0, 1))
            opening = np.clip((gap - np.abs(angle)) * 12 + 0.5, 0, 1)[..., None]
            paint = paint + (inner - paint) * opening
            edge = np.clip(1 - np.abs(np.abs(angle) - gap - 0.07) * 18, 0, 1)
            paint = paint * (1 - 0.28 * edge[..., None])
        elif top.kind == "hoodie":
            pocket = (np.abs(angle) < 0.75) & (np.abs(down - 0.22) < 0.004)
            paint = paint * (1 - 0.35 * pocket[..., None])
        return paint

    return texture


def paint_trunk(sitter: Sitter) -> None:
    """The upper garment (a vest shows shoulders, a coat reaches the thighs)."""
    who = sitter.identity
    kind = who.top.kind
    hem = _HEMS[kind]
    width, shift = trunk_profile(sitter, _LOOSE.get(kind, 1.0))
    neck, pelvis = sitter.at("neck"), sitter.at("pelvis")
    if kind == "coat":
        waist = neck + (pelvis - neck) * 0.6
        foot = sitter.view.project(sitter.joints["pelvis"] - (0, 0.19, -0.01))
        flare = leg_spread(sitter, 0.19)
        tube(
            sitter.canvas,
            waist,
            foot,
            (width[6], width[8] * 1.06, max(width[9] * 1.12, flare)),
            _top_texture(sitter, 1.0, 0.19),
            rounded=(False, False),
            shade=sitter.folds(0.05),
        )
    knots = _KNOTS * hem
    tube(
        sitter.canvas,
        neck,
        neck + (pelvis - neck) * hem,
        np.interp(knots, _KNOTS, width),
        _top_texture(sitter, hem),
        rounded=(True, False),
        shift=np.interp(knots, _KNOTS, shift),
        shade=sitter.folds(0.035),
    )


def leg_spread(sitter: Sitter, drop: float) -> float:
    """Half width (pixels) that covers both legs ``drop`` below the crotch."""
    middle = sitter.at("pelvis")[0]
    part = min(1.0, drop / 0.245)
    reach = 0.0
    for name in SIDES:
        hip, knee = sitter.at(f"{name} hip")[0], sitter.at(f"{name} knee")[0]
        reach = max(reach, abs(hip + (knee - hip) * part - middle))
    return reach + sitter.view.unit * 0.05 * sitter.identity.girth


def paint_hips(sitter: Sitter) -> None:
    """The seat of the trousers, or the skirt."""
    who = sitter.identity
    bottom = who.bottom
    width, shift = trunk_profile(sitter)
    neck, pelvis = sitter.at("neck"), sitter.at("pelvis")
    waist = neck + (pelvis - neck) * 0.68
    texture = _bottom_texture(sitter, bottom, 0.09, None)
    if "skirt" in bottom.kind:
        drop = 0.36 if bottom.kind == "long skirt" else 0.17
        end = sitter.view.project(sitter.joints["pelvis"] - (0, drop, 0))
        flare = max(leg_spread(sitter, drop), width[9] * 1.12)
        radii = (width[7], width[9] * 1.03, (width[9] + flare) / 2 * 1.02, flare)
        tube(
            sitter.canvas,
            waist,
            end,
            radii,
            texture,
            rounded=(False, False),
            shade=sitter.folds(0.07),
        )
    else:
        end = pelvis + (pelvis - neck) * 0.05
        radii = (width[7], width[8], width[9], width[9] * 0.98, width[10] * 0.8)
        tube(sitter.canvas, waist, end, radii, texture, shift=shift[6:11])


def _bottom_texture(
    sitter: Sitter, bottom: Garment, radius: float, side: int | None
) -> np.ndarray | Callable:
    first, second = sitter.ink(bottom.first), sitter.ink(bottom.second)
    if bottom.pattern == "plain":
        return first
    yaw = sitter.view.yaw

    def texture(v: np.ndarray, u: np.ndarray) -> np.ndarray:
        angle = _azimuth(u, yaw)
        if bottom.pattern == "cuff":
            cuff = np.clip((v - 0.86) * 40, 0, 1) * (side is not None or v.max() > 0.99)
            if side is None and bottom.kind in ("trousers", "shorts"):
                cuff = np.float32(0) * v
            return mix(first, second, cuff)
        part = "leg" if side is not None else "seat"
        if side is not None and bottom.pattern == "side stripe":
            angle = (angle - side * np.pi / 2 + np.pi) % (2 * np.pi) - np.pi
        return mix(
            first, second, pattern_weight(bottom, angle * radius, v * 0.25, part)
        )

    return texture


def paint_leg(sitter: Sitter, name: str) -> None:
    """Thigh, shin, shoe and what covers them, of the ``'right'`` or ``'left'`` leg."""
    who, canvas = sitter.identity, sitter.canvas
    bottom = who.bottom
    side = -1 if name == "right" else 1
    thick = who.girth**0.6
    hip, knee = sitter.at(f"{name} hip"), sitter.at(f"{name} knee")
    ankle, toe = sitter.at(f"{name} ankle"), sitter.at(f"{name} toe")
    skin = sitter.ink(who.skin)
    cloth = _bottom_texture(sitter, bottom, 0.05, side)
    plain = cloth if bottom.pattern != "cuff" else sitter.ink(bottom.first)
    folds = sitter.folds(0.05)
    shoe = sitter.ink(who.shoe_colour)
    long = bottom.kind == "trousers"
    if who.shoes == "sneakers":
        drop = sitter.px(0, 0.014)
        sole = np.full(3, 205, np.float32)
        tube(canvas, ankle + drop, toe + drop, sitter.px(0.026, 0.02), sole)
    tube(canvas, ankle, toe, sitter.px(0.028, 0.021), shoe)
    fit = 1.12 if long else 1.0
    calf = sitter.px(0.041 * thick * fit, 0.037 * thick * fit, 0.029 * fit)
    if long:
        tube(canvas, knee, ankle, calf, cloth, rounded=(True, False), shade=folds)
    else:
        tube(canvas, knee, ankle, calf, skin)
    if who.shoes == "boots":
        top = ankle + (knee - ankle) * (0.3 if long else 0.55)
        if not long:
            radii = sitter.px(0.04, 0.032)
            tube(canvas, top, ankle, radii, shoe, rounded=(False, True))
    thigh = sitter.px(0.058 * thick * fit, 0.041 * thick * fit)
    if long:
        tube(canvas, hip, knee, thigh, plain, shade=folds)
    else:
        tube(canvas, hip, knee, thigh, skin)
    if bottom.kind == "shorts":
        end = hip + (knee - hip) * 0.84
        tube(
            canvas,
            hip,
            end,
            sitter.px(0.063 * thick, 0.058 * thick),
            cloth,
            rounded=(True, False),
            shade=folds,
        )


def paint_arm(sitter: Sitter, name: str) -> None:
    """Upper arm, forearm, hand and sleeve, of the ``'right'`` or ``'left'`` arm."""
    who, canvas, top = sitter.identity, sitter.canvas, sitter.identity.top
    shoulder, elbow = sitter.at(f"{name} shoulder"), sitter.at(f"{name} elbow")
    wrist, hand = sitter.at(f"{name} wrist"), sitter.at(f"{name} hand")
    skin = sitter.ink(who.skin)
    first, second = sitter.ink(top.first), sitter.ink(top.second)
    yaw = sitter.view.yaw

    def sleeve(offset: float) -> Callable:
        def texture(v: np.ndarray, u: np.ndarray) -> np.ndarray:
            around = _azimuth(u, yaw) * 0.034
            weight = pattern_weight(top, around, v * 0.16 + offset, "sleeve")
            return mix(first, second, weight)

        return texture

    thick = who.girth**0.5
    loose = 1.2 if top.kind in ("jacket", "coat", "hoodie") else 1.08
    upper, fore = (0.037 * thick, 0.031 * thick), (0.03 * thick, 0.021)
    tube(canvas, wrist, hand, sitter.px(0.02, 0.019), skin)
    if top.kind in ("tee", "vest"):
        tube(canvas, elbow, wrist, sitter.px(*fore), skin)
        tube(canvas, shoulder, elbow, sitter.px(*upper), skin)
    else:
        radii = sitter.px(fore[0] * loose, fore[1] * loose * 1.15)
        tube(canvas, elbow, wrist, radii, sleeve(0.18), rounded=(True, False))
        tube(canvas, shoulder, elbow, sitter.px(*upper) * loose, sleeve(0.02))
    if top.kind == "tee":
        end = shoulder + (elbow - shoulder) * 0.62
        radii = sitter.px(upper[0] * 1.08, upper[1] * 1.3)
        tube(canvas, shoulder, end, radii, sleeve(0.02), rounded=(True, False))
