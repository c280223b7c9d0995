"""Backpacks, shoulder bags and handbags."""

from __future__ import annotations

import numpy as np

from mmpsearch.datasets.synthetic.body import Sitter
from mmpsearch.datasets.synthetic.skeleton import SIDES
from mmpsearch.datasets.synthetic.surface import polygon, tube


def bag_is_in_front(sitter: Sitter) -> bool:
    """Whether the bag is nearer to the camera than the trunk."""
    bag, view = sitter.identity.bag, sitter.view
    if bag == "backpack":
        return np.cos(view.yaw) < 0
    return view.depth(np.array((sitter.identity.bag_side * 0.1, 0, 0))) > -0.04


def paint_bag(sitter: Sitter) -> None:
    """The bag itself; straps are painted by :func:`paint_straps`."""
    who, canvas, view = sitter.identity, sitter.canvas, sitter.view
    colour = sitter.ink(who.bag_colour)
    joints = sitter.joints
    if who.bag == "backpack":
        sin, cos = abs(np.sin(view.yaw)), abs(np.cos(view.yaw))
        top = view.project(joints["neck"] + (0, -0.035, -0.105))
        end = view.project(joints["neck"] + (0, -0.225, -0.125))
        half = float(np.hypot(0.085 * cos, 0.05 * sin))
        radii = sitter.px(half * 0.7, half, half, half * 0.95)
        tube(canvas, top, end, radii, colour)
        if np.cos(view.yaw) < 0.25:
            low = top + (end - top) * 0.62
            pocket = sitter.px(half * 0.68, half * 0.68)
            tube(canvas, low, end, pocket, colour * 0.8, rounded=(False, True))
    elif who.bag == "shoulder":
        hip = joints["pelvis"] + (who.bag_side * 0.1, 0.02, 0.02)
        _box_bag(sitter, hip, 0.062, 0.1)
    elif who.bag == "hand":
        name = SIDES[0 if who.bag_side < 0 else 1]
        hand = joints[f"{name} hand"] + (0, -0.015, 0)
        for offset in (-0.022, 0.022):
            start = view.project(hand)
            end = view.project(hand + (0, -0.045, offset))
            tube(canvas, start, end, sitter.px(0.006, 0.006), colour * 0.7)
        _box_bag(sitter, hand + (0, -0.04, 0), 0.058, 0.085)


def _box_bag(sitter: Sitter, top: np.ndarray, half: float, tall: float) -> None:
    """A flat bag that hangs from ``top``, broad along the walking direction."""
    view = sitter.view
    width = float(np.hypot(half * np.sin(view.yaw), 0.028 * np.cos(view.yaw)))
    width = max(width, 0.65 * half)
    x, y = view.project(top)
    w, h = sitter.px(width, tall)
    corners = ((-0.85, 0), (0.85, 0), (1, 0.9), (0.9, 1), (-0.9, 1), (-1, 0.9))
    points = np.array(corners) * (w, h) + (x, y)
    colour = sitter.ink(sitter.identity.bag_colour)
    polygon(sitter.canvas, points, colour)
    flap = np.array(((-0.9, 0), (0.9, 0), (0.93, 0.38), (-0.93, 0.38)))
    polygon(sitter.canvas, flap * (w, h) + (x, y), colour * 0.8)


def paint_straps(sitter: Sitter) -> None:
    """Straps over the trunk: two of a backpack seen from the front, one diagonal."""
    who, canvas, view = sitter.identity, sitter.canvas, sitter.view
    colour = sitter.ink(who.bag_colour) * 0.75
    joints = sitter.joints
    if who.bag == "backpack" and np.cos(view.yaw) > -0.2:
        for side in (-1, 1):
            if view.depth(np.array((side * 0.06, 0, 0.07))) < 0:
                continue
            top = view.project(joints["neck"] + (side * 0.058, -0.03, 0.03))
            end = view.project(joints["neck"] + (side * 0.075, -0.2, 0.045))
            tube(canvas, top, end, sitter.px(0.011, 0.011), colour)
    elif who.bag == "shoulder":
        front = 1 if np.cos(view.yaw) > 0 else -1
        side = who.bag_side
        top = view.project(joints["neck"] + (-side * 0.06, -0.022, front * 0.03))
        end = view.project(joints["pelvis"] + (side * 0.085, 0.03, front * 0.05))
        tube(canvas, top, end, sitter.px(0.009, 0.009), colour)
