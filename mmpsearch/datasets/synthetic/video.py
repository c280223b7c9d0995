"""Rendered surveillance videos: the same people walk past several cameras."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

import numpy as np

from mmpsearch.datasets.io.mot_files import MotRows
from mmpsearch.datasets.synthetic.camera import Camera, make_camera
from mmpsearch.datasets.synthetic.figure import draw_figure
from mmpsearch.datasets.synthetic.identity import Identity, draw_identity
from mmpsearch.datasets.synthetic.pose import Pose, draw_pose, stride
from mmpsearch.datasets.synthetic.scene import Placed, Scene, paint
from mmpsearch.datasets.synthetic.seeds import stream

WALK = 0.8  # body heights a second
STRIDE = 0.75  # body heights that two steps take
REACH = 0.42


@dataclass(frozen=True)
class VideoOptions:
    """What decides the frames of all cameras.

    Attributes:
        seed: Seed of people, cameras and walks.
        people: Everybody walks past every camera once.
        cameras: Number of cameras, one video each.
        seconds: Length of every video.
        fps: Frames a second.
        width, height: Size of the frames.
    """

    seed: int = 0
    people: int = 8
    cameras: int = 2
    seconds: float = 20.0
    fps: int = 10
    width: int = 480
    height: int = 320

    def __post_init__(self) -> None:
        for key, value in asdict(self).items():
            least = 64 if key in ("width", "height") else 0 if key == "seed" else 1
            if value < least:
                raise ValueError(f"{key}={value}: at least {least} is needed")

    @property
    def frames(self) -> int:
        """Number of frames of every video."""
        return round(self.seconds * self.fps)


@dataclass(frozen=True)
class Walk:
    """One person's way past one camera.

    Attributes:
        identity: Who.
        person: Number of the person, from 0, in all videos.
        row: Row of the feet.
        tall: Height in pixels.
        start: Second in which the person enters.
        right: Walks to the right of the picture.
        pose: What stays the same during the walk.
        tint: (3,) factors of light on this person.
    """

    identity: Identity
    person: int
    row: float
    tall: float
    start: float
    right: bool
    pose: Pose
    tint: np.ndarray

    def place(self, time: float, width: int) -> float | None:
        """Column of the feet, or None when the person is not there."""
        way = (time - self.start) * WALK * self.tall - 0.3 * self.tall
        if not -0.3 * self.tall <= way <= width + 0.3 * self.tall:
            return None
        return way if self.right else width - way

    def pose_at(self, time: float) -> Pose:
        """The pose of the moment: legs and free arms swing."""
        phase = 2 * np.pi * (time - self.start) * WALK / STRIDE
        step, thighs, knees = stride(REACH, phase)
        hangs = [abs(elbow) < 0.65 for elbow in self.pose.elbows]
        swings = (-0.8 * step, 0.8 * step)
        arms = [
            s if h else a for s, h, a in zip(swings, hangs, self.pose.arms, strict=True)
        ]
        return replace(self.pose, thighs=thighs, knees=knees, arms=tuple(arms))


def plan_walks(options: VideoOptions, camera: Camera) -> list[Walk]:
    """Everybody's walk past a camera, spread over the video."""
    rng = stream(options.seed, "video", camera.index)
    order = rng.permutation(options.people)
    walks = []
    for place, person in enumerate(order.tolist()):
        identity = draw_identity(options.seed, "video", person)
        ground = camera.ground
        row = float(rng.uniform(ground.far, 0.4 * ground.far + 0.6 * ground.near))
        tall = ground.height_at(row)
        right = bool(rng.random() < 0.5)
        length = (options.width / tall + 0.6) / WALK
        latest = max(0.0, options.seconds - 0.7 * length)
        start = latest * (place + rng.uniform(0, 1)) / options.people
        busy = None
        if identity.bag == "hand":
            busy = 0 if identity.bag_side < 0 else 1
        pose = draw_pose(rng, camera.pitch, busy)
        yaw = (1 if right else -1) * np.pi / 2 + rng.normal(0, 0.15)
        tint = np.exp(rng.normal(0, 0.035, 3) + rng.normal(0, 0.1))
        pose = replace(pose, yaw=float(yaw))
        walks.append(Walk(identity, person, row, tall, start, right, pose, tint))
    return walks


def render_video(
    options: VideoOptions, index: int
) -> Iterator[tuple[np.ndarray, Scene]]:
    """The frames of one camera, each with its truth.

    Args:
        options: Of all videos.
        index: Number of the camera.

    Yields:
        (H, W, 3) uint8 BGR and the scene; the label of a person is its number.
    """
    size = (options.width, options.height)
    camera = make_camera(options.seed, index, size)
    walks = plan_walks(options, camera)
    place = camera.frame(stream(options.seed, "video", index, 1))
    for frame in range(options.frames):
        time = frame / options.fps
        things = []
        for walk in walks:
            column = walk.place(time, options.width)
            if column is None:
                continue
            sprite = draw_figure(walk.identity, walk.pose_at(time), walk.tall)
            sprite = sprite._replace(
                colour=sprite.colour * walk.tint.astype(np.float32)
            )
            things.append(Placed(sprite, column, walk.row, walk.person, walk.person))
        things.sort(key=lambda thing: thing.y)
        scene = paint(place.copy(), things)
        rng = stream(options.seed, "video", index, 2, frame)
        scene.image = camera.expose(scene.image, rng, exposure=1.0)
        yield scene.image, scene


def truth_of(scenes: list[Scene]) -> MotRows:
    """MOT rows of everybody who is visible enough, track ``person + 1``."""
    rows = [
        (frame, int(box.label) + 1, *box.xyxy, box.visibility)
        for frame, scene in enumerate(scenes, start=1)
        for box in scene.annotated()
    ]
    table = np.array(rows, dtype=np.float64).reshape(-1, 7)
    ones = np.ones(len(table))
    return MotRows(
        frames=table[:, 0].astype(np.int64),
        tracks=table[:, 1].astype(np.int64),
        boxes=table[:, 2:6],
        considered=ones > 0,
        scores=ones,
        classes=ones.astype(np.int64),
        visibility=table[:, 6],
    )
