"""Joints of a posed person and their projection to pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmpsearch.datasets.synthetic.identity import Identity
from mmpsearch.datasets.synthetic.pose import Pose

ANKLE = 0.04
SIDES = ("right", "left")


@dataclass(frozen=True)
class View:
    """Orthographic view of the person frame (x to the person's left, y up, z ahead).

    Attributes:
        yaw: Turn of the body against the camera.
        pitch: Downward angle of the camera.
        unit: Pixels per person unit.
        origin: (x, y) pixel of the ground point between the feet.
    """

    yaw: float
    pitch: float
    unit: float
    origin: tuple[float, float]

    def depth(self, point: np.ndarray, yaw: float | None = None) -> float:
        """Closeness to the camera in person units; larger is nearer."""
        yaw = self.yaw if yaw is None else yaw
        return float(-point[0] * np.sin(yaw) + point[2] * np.cos(yaw))

    def project(self, point: np.ndarray, yaw: float | None = None) -> np.ndarray:
        """(2,) pixel (x, y) of a point of the person frame."""
        turn = self.yaw if yaw is None else yaw
        x = point[0] * np.cos(turn) + point[2] * np.sin(turn)
        depth = self.depth(point, turn)
        y = -point[1] * np.cos(self.pitch) + depth * np.sin(self.pitch)
        return np.array(
            (self.origin[0] + self.unit * x, self.origin[1] + self.unit * y)
        )


def _leg(identity: Identity, hip: np.ndarray, thigh: float, knee: float) -> tuple:
    upper, lower = 0.245 * identity.legs, 0.235 * identity.legs
    joint = hip + upper * np.array((0, -np.cos(thigh), np.sin(thigh)))
    shin = thigh - knee
    ankle = joint + lower * np.array((0, -np.cos(shin), np.sin(shin)))
    toe_drop = 0.35 * max(0.0, -shin)
    toe = ankle + np.array((0, -0.022 - 0.1 * toe_drop, 0.095))
    return joint, ankle, toe


def _arm(identity: Identity, shoulder, side: int, swing, out, elbow) -> tuple:
    spread = side * np.sin(out)
    joint = shoulder + 0.165 * np.array(
        (spread, -np.cos(swing) * np.cos(out), np.sin(swing))
    )
    fore = swing + elbow
    inward = -0.35 * side * min(1.0, elbow) if elbow > 0.6 else 0.7 * spread
    wrist = joint + 0.148 * np.array((inward, -np.cos(fore), np.sin(fore)))
    hand = wrist + 0.05 * np.array((0.5 * inward, -np.cos(fore), np.sin(fore)))
    return joint, wrist, hand


def solve_skeleton(identity: Identity, pose: Pose) -> dict[str, np.ndarray]:
    """Joints in the person frame, person units, lower foot on the ground.

    Returns:
        Name to (3,) float64: ``pelvis``, ``neck``, ``head`` (centre of the skull) and,
        for ``right`` and ``left``, ``hip``, ``knee``, ``ankle``, ``toe``,
        ``shoulder``, ``elbow``, ``wrist``, ``hand``.
    """
    joints: dict[str, np.ndarray] = {"pelvis": np.zeros(3)}
    trunk = np.array((np.sin(pose.sway), np.cos(pose.lean), np.sin(pose.lean)))
    joints["neck"] = 0.315 * trunk
    joints["head"] = joints["neck"] + 0.098 * trunk + np.array((0, 0.0, 0.012))
    width = 0.1 * identity.shoulders
    hip = 0.046 * identity.hips
    for i, (side, name) in enumerate(zip((-1, 1), SIDES, strict=True)):
        hip_joint = np.array((side * hip, 0.0, 0.0))
        leg = _leg(identity, hip_joint, pose.thighs[i], pose.knees[i])
        shoulder = joints["neck"] * 0.855 + np.array((side * width, 0, 0))
        arm = _arm(
            identity, shoulder, side, pose.arms[i], pose.arms_out[i], pose.elbows[i]
        )
        joints[f"{name} hip"], joints[f"{name} shoulder"] = hip_joint, shoulder
        for part, point in zip(("knee", "ankle", "toe"), leg, strict=True):
            joints[f"{name} {part}"] = point
        for part, point in zip(("elbow", "wrist", "hand"), arm, strict=True):
            joints[f"{name} {part}"] = point
    lowest = min(joints[f"{name} ankle"][1] for name in SIDES) - ANKLE
    lift = np.array((0, -lowest, 0))
    return {name: point + lift for name, point in joints.items()}
