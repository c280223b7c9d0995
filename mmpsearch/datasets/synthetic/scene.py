"""One picture of several people: who stands where, what is hidden, what is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mmpsearch.datasets.synthetic.background import draw_shadow, paste
from mmpsearch.datasets.synthetic.camera import Camera
from mmpsearch.datasets.synthetic.figure import Sprite, draw_figure
from mmpsearch.datasets.synthetic.identity import Identity
from mmpsearch.datasets.synthetic.infrared import infrared_object
from mmpsearch.datasets.synthetic.pose import draw_pose
from mmpsearch.datasets.synthetic.props import OCCLUDERS, PROPS

MIN_VISIBILITY = 0.3
CROWD = -3
NOBODY = -1
_FIRST_PROP = 10_000
_ATTEMPTS = 10


@dataclass(frozen=True)
class Member:
    """Somebody who is to appear in a scene.

    Attributes:
        identity: Who.
        person_id: Number the annotation carries, ``CROWD`` for part of a crowd.
        protected: The scene is arranged anew until this person can be annotated.
    """

    identity: Identity
    person_id: int
    protected: bool = False


@dataclass(frozen=True)
class Box:
    """Something visible.

    Attributes:
        label: Person id, or the prop's name.
        xyxy: Integer pixels; the whole silhouette inside the frame, hidden parts too.
        visibility: Share of the silhouette's pixels that the picture shows (what
            is hidden by others or lies outside the frame counts as hidden).
        owner: This thing's number in :attr:`Scene.owner`.
    """

    label: int | str
    xyxy: tuple[int, int, int, int]
    visibility: float
    owner: int


@dataclass
class Scene:
    """A rendered picture with its truth.

    Attributes:
        image: (H, W, 3) uint8 BGR.
        people: Everybody in the frame, visible or not.
        props: Occluders in the frame.
        owner: (H, W) int16, what each pixel shows: -1 the place, else ``Box.owner``.
    """

    image: np.ndarray
    owner: np.ndarray
    people: list[Box] = field(default_factory=list)
    props: list[Box] = field(default_factory=list)

    def annotated(self) -> list[Box]:
        """People visible enough to be annotated, members of a crowd excluded."""
        return [
            box
            for box in self.people
            if box.label != CROWD and box.visibility >= MIN_VISIBILITY
        ]


@dataclass
class Placed:
    """A sprite with its foot point, its annotation and its number in the scene."""

    sprite: Sprite
    x: float
    y: float
    label: int | str
    owner: int


def person_sprite(
    member: Identity,
    unit: float,
    rng: np.random.Generator,
    camera: Camera,
    modality: str,
    light: float,
) -> Sprite:
    """A figure in a random pose with its own tint and brightness."""
    busy = None
    if member.bag == "hand":
        busy = 0 if member.bag_side < 0 else 1
    pose = draw_pose(rng, camera.pitch, busy, light)
    sprite = draw_figure(member, pose, unit, modality)
    if modality == "rgb":
        tint = np.exp(rng.normal(0, 0.035, 3) + rng.normal(0, 0.1))
    else:
        tint = np.exp(np.full(3, rng.normal(0, 0.08)))
    return sprite._replace(colour=sprite.colour * tint.astype(np.float32))


def prop_sprite(
    name: str, unit: float, rng: np.random.Generator, modality: str
) -> Sprite:
    """A thing of :data:`PROPS`, in greys for infrared."""
    sprite = PROPS[name](rng, unit)
    if modality == "ir":
        sprite = sprite._replace(colour=infrared_object(sprite.colour))
    return sprite


def _places(
    rng: np.random.Generator, camera: Camera, members: list[Member]
) -> list[tuple[float, float]]:
    """Foot points; each is the least crowded of three random ones."""
    if camera.harder:
        return _crowded_places(rng, camera, len(members))
    width = camera.size[0]
    ground, taken = camera.ground, []
    spot = rng.uniform(0.1, 0.9) * width
    for member in members:
        if member.person_id == CROWD:
            y = ground.far + rng.uniform(-0.04, 0.1) * (ground.near - ground.far)
            taken.append((spot + rng.normal(0, 0.4) * ground.far_height, y))
            continue
        best = None
        for _ in range(3):
            y = ground.far + (ground.near - ground.far) * rng.beta(1.2, 1.0)
            tall = ground.height_at(y)
            x = rng.uniform(0.12 * tall, width - 0.12 * tall)
            gaps = [abs(x - a) / (0.2 * (tall + ground.height_at(b))) for a, b in taken]
            gap = min(gaps, default=9.0)
            if best is None or gap > best[0]:
                best = gap, x, y
        taken.append(best[1:])
    return taken


def _crowded_places(
    rng: np.random.Generator, camera: Camera, amount: int
) -> list[tuple[float, float]]:
    """Foot points at all depths; half of the people stand or walk in groups."""
    width, ground = camera.size[0], camera.ground
    depth, taken = ground.near - ground.far, []
    groups = [
        (rng.uniform(0.1, 0.9) * width, ground.far + depth * rng.beta(1.0, 1.6))
        for _ in range(rng.integers(1, 4))
    ]
    for _ in range(amount):
        if rng.random() < 0.5:
            x, y = groups[rng.integers(len(groups))]
            tall = ground.height_at(y)
            x += rng.normal(0, 0.45) * tall
            y = np.clip(y + rng.normal(0, 0.05) * depth, ground.far, ground.near)
        else:
            x, y = rng.uniform(0, width), ground.far + depth * rng.beta(0.9, 1.5)
        tall = ground.height_at(y)
        taken.append((float(np.clip(x, 0.12 * tall, width - 0.12 * tall)), float(y)))
    return taken


def _arrange(
    camera: Camera,
    members: list[Member],
    rng: np.random.Generator,
    modality: str,
    in_a_row: bool = False,
) -> list[Placed]:
    ground, light = camera.ground, float(rng.uniform(-1, 1))
    if in_a_row:
        step = camera.size[0] / len(members)
        row = ground.far
        if camera.harder:  # the farthest are tiny
            row += 0.15 * (ground.near - ground.far)
        spots = [(step * (i + 0.5), row) for i in range(len(members))]
    else:
        spots = _places(rng, camera, members)
    things = []
    for i, (member, (x, y)) in enumerate(zip(members, spots, strict=True)):
        tall = ground.height_at(y)
        sprite = person_sprite(member.identity, tall, rng, camera, modality, light)
        things.append(Placed(sprite, x, y, member.person_id, i))
    for j in range(0 if in_a_row else rng.poisson(1.3)):
        name = OCCLUDERS[rng.integers(len(OCCLUDERS))]
        if spots and rng.random() < 0.55:
            x, y = spots[rng.integers(len(spots))]
            x += rng.normal(0, 0.22) * ground.height_at(y)
            y = min(ground.near, y + rng.uniform(0.01, 0.12) * camera.size[1])
        else:
            x, y = rng.uniform(0, camera.size[0]), rng.uniform(ground.far, ground.near)
        sprite = prop_sprite(name, ground.height_at(y), rng, modality)
        things.append(Placed(sprite, x, y, name, _FIRST_PROP + j))
    return sorted(things, key=lambda thing: thing.y)


def paint(image: np.ndarray, things: list[Placed]) -> Scene:
    """Paste far to near and measure what stays visible."""
    scene = Scene(image, np.full(image.shape[:2], NOBODY, np.int16))
    boxes = []
    for thing in things:
        draw_shadow(image, thing.x, thing.y, 0.45 * thing.sprite.alpha.shape[1])
        window = paste(image, thing.sprite, thing.x, thing.y)
        if window is None:
            continue
        rows, columns, alpha = window
        solid = alpha > 0.5
        if not solid.any():
            continue
        scene.owner[rows, columns][solid] = thing.owner
        down, along = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
        xyxy = (
            columns.start + int(along[0]),
            rows.start + int(down[0]),
            columns.start + int(along[-1]) + 1,
            rows.start + int(down[-1]) + 1,
        )
        boxes.append((thing, xyxy, int((thing.sprite.alpha > 0.5).sum())))
    for thing, xyxy, pixels in boxes:
        seen = int((scene.owner == thing.owner).sum()) / pixels
        box = Box(thing.label, xyxy, round(seen, 4), thing.owner)
        (scene.props if isinstance(thing.label, str) else scene.people).append(box)
    return scene


def compose_scene(
    camera: Camera,
    members: list[Member],
    rng: np.random.Generator,
    modality: str = "rgb",
) -> Scene:
    """Render one picture.

    Args:
        camera: Where and through what.
        members: Who appears; an empty list gives an empty place.
        rng: The scene's own generator; the result depends on nothing else.
        modality: ``'rgb'`` or ``'ir'``.

    Returns:
        The recorded picture and its truth. Protected members are annotated (visible
        by at least ``MIN_VISIBILITY``): ten arrangements are tried, then they stand
        in a row, without the others and without occluders.
    """
    needed = {i for i, member in enumerate(members) if member.protected}
    for _ in range(_ATTEMPTS):
        things = _arrange(camera, members, rng, modality)
        scene = paint(camera.frame(rng, modality), things)
        if needed <= {box.owner for box in scene.annotated()}:
            break
    else:
        protected = [member for member in members if member.protected]
        things = _arrange(camera, protected, rng, modality, in_a_row=True)
        scene = paint(camera.frame(rng, modality), things)
    scene.image = camera.expose(scene.image, rng, modality)
    return scene
