"""How a person stands in one picture: facing, step, arms, light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Pose:
    """Angles in radians. Pairs are (person's right, person's left).

    ``yaw`` 0 faces the camera, pi/2 faces the right of the picture. ``pitch`` is how
    far the camera looks down. ``light`` (-1..1) is the side the light comes from.
    """

    yaw: float
    pitch: float
    lean: float
    sway: float
    head_turn: float
    thighs: tuple[float, float]
    knees: tuple[float, float]
    arms: tuple[float, float]
    arms_out: tuple[float, float]
    elbows: tuple[float, float]
    light: float
    fold: float


def _arm(rng: np.random.Generator, swing: float, busy: bool) -> tuple:
    """(swing, outward, elbow) of one arm; a busy arm carries a bag and hangs."""
    gesture = "hang" if busy else rng.choice(("hang", "phone", "pocket"), p=_GESTURES)
    if gesture == "phone":
        return rng.uniform(0.3, 0.6), 0.12, rng.uniform(1.7, 2.3)
    if gesture == "pocket":
        return rng.uniform(-0.35, -0.15), 0.3, rng.uniform(0.7, 0.95)
    return swing, rng.uniform(0.06, 0.2), 0.12 + 0.5 * max(0.0, swing)


_GESTURES = (0.82, 0.09, 0.09)


def stride(reach: float, phase: float) -> tuple[float, tuple, tuple]:
    """Legs of somebody who walks.

    Args:
        reach: Half of the angle between the thighs at a full step.
        phase: Of two steps, 0..2 pi.

    Returns:
        How far forward the right thigh is, the thighs and the knees (right, left).
    """
    step, lift = reach * np.sin(phase), 1.2 * reach * np.cos(phase)
    thighs = (step + 0.3 * max(0.0, lift), -step + 0.3 * max(0.0, -lift))
    return step, thighs, (0.06 + max(0.0, lift), 0.06 + max(0.0, -lift))


def draw_pose(
    rng: np.random.Generator,
    pitch: float = 0.2,
    busy_side: int | None = None,
    light: float = 0.0,
) -> Pose:
    """A random pose.

    Args:
        rng: The scene's generator.
        pitch: Downward angle of the camera.
        busy_side: 0 or 1 for the arm that carries a bag, or None.
        light: Side the light of the scene comes from, -1..1.
    """
    facing = rng.integers(8) * np.pi / 4
    yaw = float(facing + rng.normal(0, 0.25))
    walking = rng.random() < 0.65
    phase = rng.uniform(0, 2 * np.pi)
    reach = rng.uniform(0.3, 0.52) if walking else rng.uniform(0.0, 0.09)
    step, thighs, knees = stride(reach, phase)
    swing = rng.uniform(0.6, 1.1) * step if walking else rng.normal(0, 0.06)
    arms = [_arm(rng, side * swing, busy_side == i) for i, side in enumerate((-1, 1))]
    return Pose(
        yaw=yaw,
        pitch=float(pitch),
        lean=float(rng.normal(0.06 if walking else 0.0, 0.03)),
        sway=float(rng.normal(0, 0.02)),
        head_turn=float(np.clip(rng.normal(0, 0.3), -0.8, 0.8)),
        thighs=tuple(map(float, thighs)),
        knees=tuple(map(float, knees)),
        arms=tuple(float(arm[0]) for arm in arms),
        arms_out=tuple(float(arm[1]) for arm in arms),
        elbows=tuple(float(arm[2]) for arm in arms),
        light=float(np.clip(light + rng.normal(0, 0.15), -1, 1)),
        fold=float(rng.uniform(0, 2 * np.pi)),
    )
