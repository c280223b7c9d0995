"""A whole person: parts painted from far to near on a canonical canvas."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mmpsearch.datasets.synthetic.bags import bag_is_in_front, paint_bag, paint_straps
from mmpsearch.datasets.synthetic.body import (
    Sitter,
    paint_arm,
    paint_hips,
    paint_leg,
    paint_trunk,
)
from mmpsearch.datasets.synthetic.head import (
    paint_collar,
    paint_hair_behind,
    paint_head,
)
from mmpsearch.datasets.synthetic.identity import Identity
from mmpsearch.datasets.synthetic.pose import Pose
from mmpsearch.datasets.synthetic.skeleton import SIDES, View, solve_skeleton
from mmpsearch.datasets.synthetic.surface import Canvas

_OVERSAMPLING = 1.6
_SMALLEST_UNIT = 96


class Sprite(NamedTuple):
    """A cut-out picture.

    Attributes:
        colour: (h, w, 3) float32 BGR 0..255, multiplied by alpha.
        alpha: (h, w) float32 in 0..1; every outer row and column is touched.
        foot: (x, y) pixel of the ground point, in the sprite's frame.
    """

    colour: np.ndarray
    alpha: np.ndarray
    foot: tuple[float, float]


def tight_crop(canvas: Canvas, foot: tuple[float, float]) -> Sprite:
    """Cut a canvas to where its alpha exceeds 0.05."""
    solid = canvas.alpha > 0.05
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    y0, y1 = rows[0], rows[-1] + 1
    x0, x1 = columns[0], columns[-1] + 1
    return Sprite(
        canvas.colour[y0:y1, x0:x1],
        canvas.alpha[y0:y1, x0:x1],
        (foot[0] - x0, foot[1] - y0),
    )


def resize_sprite(sprite: Sprite, scale: float) -> Sprite:
    """Resize by area averaging; keeps premultiplied alpha exact."""
    height, width = sprite.alpha.shape
    size = max(2, round(width * scale)), max(2, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    foot = sprite.foot[0] * size[0] / width, sprite.foot[1] * size[1] / height
    return Sprite(
        cv2.resize(sprite.colour, size, interpolation=how),
        cv2.resize(sprite.alpha, size, interpolation=how),
        foot,
    )


def draw_figure(
    identity: Identity, pose: Pose, unit: float, modality: str = "rgb"
) -> Sprite:
    """Draw a person.

    Args:
        identity: Who.
        pose: How.
        unit: Pixels per person unit in the result; a person of average height is
            about ``unit`` pixels tall.
        modality: ``'rgb'`` or ``'ir'`` (near infrared, three equal channels).

    Returns:
        The tightly cut sprite, without any camera effect.
    """
    fine = max(unit * _OVERSAMPLING, _SMALLEST_UNIT) * identity.height
    joints = solve_skeleton(identity, pose)
    half, tall = int(0.62 * fine) + 4, int(1.3 * fine) + 4
    origin = (float(half), float(int(1.2 * fine)))
    view = View(pose.yaw, pose.pitch, fine, origin)
    canvas = Canvas(tall, 2 * half, pose.light)
    sitter = Sitter(identity, pose, joints, view, canvas, modality)

    facing_away = np.cos(view.yaw) < 0
    bag_in_front = identity.bag != "none" and bag_is_in_front(sitter)
    arms = sorted(SIDES, key=lambda name: view.depth(joints[f"{name} elbow"]))
    reach = [view.depth(joints[f"{name} shoulder"]) for name in arms]
    behind = [name for name, depth in zip(arms, reach, strict=True) if depth < -0.03]

    if identity.bag != "none" and not bag_in_front:
        paint_bag(sitter)
    if not facing_away:
        paint_hair_behind(sitter)
    for name in behind:
        paint_arm(sitter, name)
    for name in sorted(SIDES, key=lambda name: view.depth(joints[f"{name} knee"])):
        paint_leg(sitter, name)
    paint_hips(sitter)
    paint_trunk(sitter)
    paint_straps(sitter)
    if not facing_away:
        paint_collar(sitter)
    if bag_in_front and identity.bag == "backpack":
        paint_bag(sitter)
    paint_head(sitter)
    if facing_away:
        paint_collar(sitter)
        paint_hair_behind(sitter)
    if bag_in_front and identity.bag == "shoulder":
        paint_bag(sitter)
    for name in arms:
        if name not in behind:
            paint_arm(sitter, name)
    if bag_in_front and identity.bag == "hand":
        paint_bag(sitter)
    if modality == "ir":
        canvas.colour[:] = canvas.colour.mean(axis=2, keepdims=True)
    sprite = tight_crop(canvas, origin)
    return resize_sprite(sprite, unit * identity.height / fine)
