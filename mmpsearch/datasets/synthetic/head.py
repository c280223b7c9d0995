"""Head, face, hair, hats, scarf and hood."""

from __future__ import annotations

import numpy as np

from mmpsearch.datasets.synthetic.body import Sitter
from mmpsearch.datasets.synthetic.surface import ellipsoid, tube

# Lower edge of the hair (height on the skull, -1..1) against how far forward (-1..1).
_FORWARD = (-1.0, -0.3, 0.1, 0.45, 0.75, 1.0)
_HAIRLINES = {
    "short": (-0.62, -0.48, -0.12, 0.3, 0.48, 0.55),
    "crop": (-0.5, -0.3, 0.1, 0.42, 0.58, 0.64),
    "bob": (-1.2, -1.2, -0.95, -0.1, 0.42, 0.46),
    "long": (-1.2, -1.2, -1.0, 0.0, 0.45, 0.52),
    "bun": (-0.7, -0.45, -0.02, 0.4, 0.5, 0.58),
    "ponytail": (-0.7, -0.45, -0.05, 0.4, 0.5, 0.56),
    "curls": (-1.0, -0.8, -0.35, 0.2, 0.42, 0.45),
}
_VOLUME = {"short": 1.07, "crop": 1.03, "bob": 1.2, "long": 1.13, "curls": 1.36}
_DARK = np.array((32, 30, 34), np.float32)


def _yaw(sitter: Sitter) -> float:
    return sitter.view.yaw + sitter.pose.head_turn


def _place(sitter: Sitter, x: float, y: float, z: float) -> np.ndarray:
    """Pixel of a point given in skull radii, head frame (x left, y up, z ahead)."""
    size = sitter.identity.head
    offset = np.array((0.05 * x, 0.072 * y, 0.06 * z)) * size
    centre = sitter.at("head")
    zero = sitter.view.project(np.zeros(3))
    return centre + sitter.view.project(offset, _yaw(sitter)) - zero


def _radii(sitter: Sitter, grow: float = 1.0) -> tuple[float, float]:
    size = sitter.identity.head * sitter.view.unit * grow
    yaw = _yaw(sitter)
    return size * float(np.hypot(0.05 * np.cos(yaw), 0.06 * np.sin(yaw))), size * 0.072


def _turn(sitter: Sitter, x: np.ndarray, z: np.ndarray) -> tuple:
    """View sphere to head frame: (to the left, forward)."""
    cos, sin = np.cos(_yaw(sitter)), np.sin(_yaw(sitter))
    return x * cos - z * sin, x * sin + z * cos


def _face(sitter: Sitter) -> None:
    """Skull, beard, eyes, brows, mouth, glasses, nose and ears."""
    who, canvas = sitter.identity, sitter.canvas
    skin, hair = sitter.ink(who.skin), sitter.ink(who.hair)
    centre, radii = sitter.at("head"), _radii(sitter)
    sharp = radii[1]
    for side in (-1, 1):
        ear = _place(sitter, side * 0.98, -0.05, 0.0)
        ellipsoid(canvas, ear, tuple(sitter.px(0.009, 0.016)), skin * 0.92)
    ellipsoid(canvas, centre, radii, skin, taper=0.26)

    def mark(colour: np.ndarray, place) -> None:
        def region(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
            left, ahead = _turn(sitter, x, z)
            inside = np.clip(place(left, y, ahead) * sharp + 0.5, 0, 1)
            return inside * np.clip((ahead - 0.05) * 8, 0, 1)

        ellipsoid(canvas, centre, radii, colour, region=region, taper=0.26)

    if np.cos(_yaw(sitter)) < -0.55:
        return
    if who.beard:
        mark(hair, lambda x, y, z: np.minimum(-0.22 - y + 0.5 * (np.abs(x) > 0.55), z))
    mark(hair * 0.8, lambda x, y, z: _box(np.abs(x) - 0.36, y - 0.27, 0.19, 0.045))
    for side in (-0.36, 0.36):
        mark(
            np.full(3, 225, np.float32),
            lambda x, y, z, s=side: _box(x - s, y - 0.1, 0.15, 0.07),
        )
        mark(_DARK, lambda x, y, z, s=side: 0.085 - np.hypot(x - s, y - 0.1))
    mark(skin * (0.62, 0.62, 0.86), lambda x, y, z: _box(x, y + 0.52, 0.24, 0.055))
    nose = _place(sitter, 0, -0.14, 1.02)
    ellipsoid(canvas, nose, tuple(sitter.px(0.009, 0.016)), skin * 0.88)
    if who.glasses == "dark":
        mark(_DARK, lambda x, y, z: _box(x, y - 0.1, 0.95, 0.17))
    elif who.glasses == "clear":
        for side in (-0.36, 0.36):
            mark(
                _DARK,
                lambda x, y, z, s=side: (
                    0.03 - np.abs(np.hypot(x - s, 1.2 * (y - 0.08)) - 0.22)
                ),
            )


def _box(x: np.ndarray, y: np.ndarray, half_x: float, half_y: float) -> np.ndarray:
    return np.minimum(half_x - np.abs(x), half_y - np.abs(y))


def _cap_of(sitter: Sitter, grow: float, colour: np.ndarray, line) -> None:
    """Paint the part of the (grown) skull above ``line(left, forward)``."""
    radii = _radii(sitter, grow)

    def region(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        left, ahead = _turn(sitter, x, z)
        return np.clip((y - line(left, ahead)) * radii[1] + 0.5, 0, 1)

    ellipsoid(sitter.canvas, sitter.at("head"), radii, colour, region=region)


def paint_hair_behind(sitter: Sitter) -> None:
    """Hair that falls behind the trunk seen from the front, over it from behind."""
    who, canvas = sitter.identity, sitter.canvas
    hair = sitter.ink(who.hair)
    if who.hair_style == "long":
        start, end = _place(sitter, 0, 0.1, -0.45), _place(sitter, 0, -2.5, -0.75)
        wide = _radii(sitter, 1.08)[0]
        folds = sitter.folds(0.08)
        tube(canvas, start, end, (wide, wide, wide * 0.8), hair, shade=folds)
    elif who.hair_style == "ponytail":
        start, end = _place(sitter, 0, 0.35, -1.1), _place(sitter, 0, -1.7, -1.35)
        tube(canvas, start, end, sitter.px(0.022, 0.026, 0.012), hair)


def paint_head(sitter: Sitter) -> None:
    """Neck, face, hair and hat."""
    who, canvas = sitter.identity, sitter.canvas
    skin, hair = sitter.ink(who.skin), sitter.ink(who.hair)
    style, facing = who.hair_style, np.cos(_yaw(sitter))
    neck = sitter.at("neck")
    tube(canvas, neck, sitter.at("head"), sitter.px(0.035, 0.033), skin * 0.9)
    if style == "bun" and facing > -0.2:
        bun = _place(sitter, 0, 0.75, -0.85)
        ellipsoid(canvas, bun, tuple(sitter.px(0.034, 0.034)), hair)
    _face(sitter)
    if style == "bald":
        _cap_of(sitter, 1.02, hair, lambda x, z: np.where(z < 0.1, 2 * (z > -0.2), 2.0))
    else:
        knots = _HAIRLINES[style]
        _cap_of(
            sitter,
            _VOLUME.get(style, 1.06),
            hair,
            lambda x, z: np.interp(z, _FORWARD, knots).astype(np.float32),
        )
    if style == "bun" and facing <= -0.2:
        bun = _place(sitter, 0, 0.6, -0.9)
        ellipsoid(canvas, bun, tuple(sitter.px(0.036, 0.036)), hair * 1.12)
    if who.hat != "none":
        _paint_hat(sitter)


def _paint_hat(sitter: Sitter) -> None:
    who, canvas = sitter.identity, sitter.canvas
    colour = sitter.ink(who.hat_colour)
    grow = max(1.1, 0.96 * _VOLUME.get(who.hair_style, 1.0))
    wide, tall = _radii(sitter, grow)
    if who.hat == "beanie":
        _cap_of(sitter, grow * 1.03, colour, lambda x, z: 0.22)
        _cap_of(sitter, grow * 1.05, colour * 0.8, lambda x, z: 0.22)
        _cap_of(sitter, grow * 1.06, colour, lambda x, z: 0.42)
        return
    peak = _place(sitter, 0, 0.42, 1.35 if who.hat == "cap" else 0.0)
    flat = np.sin(sitter.view.pitch) + 0.1
    if who.hat == "brim":
        ellipsoid(canvas, peak, (wide * 1.75, wide * 0.8 * flat), colour * 0.85)
    elif np.cos(_yaw(sitter)) < 0.1:
        ellipsoid(canvas, peak, (wide * 0.75, wide * 0.9 * flat), colour * 0.8)
    _cap_of(sitter, grow, colour, lambda x, z: 0.34)
    if who.hat == "cap" and np.cos(_yaw(sitter)) >= 0.1:
        ellipsoid(canvas, peak, (wide * 0.75, wide * 0.9 * flat), colour * 0.8)


def paint_collar(sitter: Sitter) -> None:
    """Hood and scarf."""
    who, canvas = sitter.identity, sitter.canvas
    neck, facing = sitter.at("neck"), np.cos(sitter.view.yaw)
    if who.top.kind == "hoodie":
        cloth = sitter.ink(who.top.first)
        back = sitter.view.project(sitter.joints["neck"] + (0, 0.0, -0.035))
        size = (0.07, 0.042) if facing > 0 else (0.068, 0.062)
        ellipsoid(canvas, back, tuple(sitter.px(*size)), cloth * 0.86)
    if who.scarf:
        cloth = sitter.ink(who.scarf_colour)
        ellipsoid(
            canvas, neck - sitter.px(0, 0.012), tuple(sitter.px(0.056, 0.03)), cloth
        )
        if facing > 0:
            tail = sitter.view.project(sitter.joints["neck"] + (0.03, -0.15, 0.075))
            tube(
                canvas, neck, tail, sitter.px(0.02, 0.022), cloth, rounded=(True, False)
            )
