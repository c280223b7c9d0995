"""Single people cut out for re-identification, in colour and in near infrared."""

from __future__ import annotations

import cv2
import numpy as np

from .background import draw_shadow, paste
from .camera import Camera
from .identity import Identity
from .props import OCCLUDERS, PROPS
from .scene import person_sprite

_MARGIN = 0.08
_OCCLUDED = 0.18


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
        (height, width, 3) uint8 BGR; grey for infrared. In 18 % of the pictures a
        thing hides a part of the person; the box is loose by a few percent.
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
        name = OCCLUDERS[rng.integers(len(OCCLUDERS))]
        thing = PROPS[name](rng, tall)
        if modality == "ir":
            grey = thing.colour.mean(2, keepdims=True) * 0.75
            thing = thing._replace(colour=np.repeat(grey, 3, 2))
        shift = rng.normal(0, 0.2) * tall
        paste(image, thing, x + shift, y + rng.uniform(0.0, 0.08) * tall)
    image = camera.expose(image, rng, modality)
    loose = rng.uniform(-0.3, 1, 4) * _MARGIN * (height, width, height, width)
    y0, x0 = top - loose[0], left - loose[1]
    y1, x1 = top + height + loose[2], left + width + loose[3]
    lack = (size[0] / size[1]) * (y1 - y0) * 0.8 - (x1 - x0)
    x0, x1 = x0 - max(0, lack / 2), x1 + max(0, lack / 2)
    y0, y1 = max(0, int(y0)), min(frame_height, int(y1) + 1)
    x0, x1 = max(0, int(x0)), min(frame_width, int(x1) + 1)
    return cv2.resize(image[y0:y1, x0:x1], size, interpolation=cv2.INTER_LINEAR)
