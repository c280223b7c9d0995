"""Single people cut out for re-identification, in colour and in near infrared."""

from __future__ import annotations

import cv2
import numpy as np

from mmpsearch.datasets.synthetic.background import draw_shadow, paste
from mmpsearch.datasets.synthetic.camera import Camera
from mmpsearch.datasets.synthetic.figure import Sprite
from mmpsearch.datasets.synthetic.identity import Identity
from mmpsearch.datasets.synthetic.props import OCCLUDERS
from mmpsearch.datasets.synthetic.scene import person_sprite, prop_sprite

_MARGIN = 0.08
_OCCLUDED = 0.2
_LEAST_VISIBLE = 0.55


def _occlude(
    image: np.ndarray,
    foot: tuple[float, float],
    tall: float,
    person: Sprite,
    rng: np.random.Generator,
    modality: str,
) -> None:
    """Put a thing before the person, where it leaves most of the person visible."""
    name = OCCLUDERS[rng.integers(len(OCCLUDERS))]
    thing = prop_sprite(name, tall, rng, modality)
    before = np.zeros((*image.shape[:2], 3), np.float32)
    paste(
        before, person._replace(colour=np.repeat(person.alpha[..., None], 3, 2)), *foot
    )
    for _ in range(8):
        x = foot[0] + rng.normal(0, 0.3) * tall
        y = foot[1] + rng.uniform(0.0, 0.08) * tall
        after = before.copy()
        paste(after, thing._replace(colour=np.zeros_like(thing.colour)), x, y)
        if after.sum() > _LEAST_VISIBLE * person.alpha.sum() * 3:
            paste(image, thing, x, y)
            return


def render_crop(
    identity: Identity,
    camera: Camera,
    rng: np.random.Generator,
    modality: str = "rgb",
    size: tuple[int, int] = (64, 128),
) -> np.ndarray:
    """A picture of one person as a detector would cut it out.

    Args:
        identity: Who.
        camera: Where and through what; gives background, colours, blur and noise.
        rng: The picture's own generator; the result depends on nothing else.
        modality: ``'rgb'`` or ``'ir'``.
        size: (width, height) of the result.

    Returns:
        (height, width, 3) uint8 BGR; grey for infrared. In up to a fifth of
        the pictures a thing hides less than half of the person; the box is loose by
        a few percent.
    """
    frame_width, frame_height = camera.size
    ground = camera.ground
    y = float(rng.uniform(ground.far, 0.98 * frame_height))
    tall = ground.height_at(y)
    x = float(rng.uniform(0.2, 0.8)) * frame_width
    image = camera.frame(rng, modality)
    light = float(rng.uniform(-1, 1))
    sprite = person_sprite(identity, tall, rng, camera, modality, light)
    draw_shadow(image, x, y, 0.45 * sprite.alpha.shape[1])
    paste(image, sprite, x, y)
    height, width = sprite.alpha.shape
    left, top = x - sprite.foot[0], y - sprite.foot[1]
    if rng.random() < _OCCLUDED:
        _occlude(image, (x, y), tall, sprite, rng, modality)
    image = camera.expose(image, rng, modality)
    loose = rng.uniform(-0.3, 1, 4) * _MARGIN * (height, width, height, width)
    y0, x0 = top - loose[0], left - loose[1]
    y1, x1 = top + height + loose[2], left + width + loose[3]
    lack = (size[0] / size[1]) * (y1 - y0) * 0.8 - (x1 - x0)
    x0, x1 = x0 - max(0, lack / 2), x1 + max(0, lack / 2)
    y0, y1 = max(0, int(y0)), min(frame_height, int(y1) + 1)
    x0, x1 = max(0, int(x0)), min(frame_width, int(x1) + 1)
    return cv2.resize(image[y0:y1, x0:x1], size, interpolation=cv2.INTER_LINEAR)
