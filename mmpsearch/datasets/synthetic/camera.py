"""A camera: its place, its geometry and what its optics and sensor do to a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from mmpsearch.datasets.synthetic.background import (
    PLACES,
    Ground,
    draw_place,
    smooth_noise,
)
from mmpsearch.datasets.synthetic.infrared import infrared_background
from mmpsearch.datasets.synthetic.seeds import stream

WIDER = 1.6  # backgrounds are this much wider than the frame
_NOISE = 512


@dataclass(frozen=True)
class Camera:
    """A fixed camera.

    Attributes:
        seed: Seed of the data set.
        index: Number of the camera; with ``seed`` and ``size`` it defines everything.
        size: (width, height) of its pictures.
        place: One of ``PLACES``.
        ground: Geometry of the floor.
        pitch: How far it looks down, radians.
        colour: (3, 3) float32, cast, gain and saturation, applied to BGR.
        gamma: (3,) exponents per channel.
        blur: Standard deviation of the optics' blur, pixels.
        noise: Standard deviation of the sensor's noise, grey levels.
        quality: JPEG quality of its recordings.
        harder: People are between 25 and 300 of 480 pixels tall, and come in crowds.
        night: The place is dark but for a few lamps.
    """

    seed: int
    index: int
    size: tuple[int, int]
    place: str
    ground: Ground
    pitch: float
    colour: np.ndarray
    gamma: np.ndarray
    blur: float
    noise: float
    quality: int
    harder: bool = False
    night: bool = False

    def background(self, modality: str = "rgb") -> np.ndarray:
        """(H, 1.6 W, 3) uint8 BGR: the empty place, cached."""
        return _background(self.seed, self.index, self.size, modality, self.harder)

    def frame(self, rng: np.random.Generator, modality: str = "rgb") -> np.ndarray:
        """(H, W, 3) float32: a random pan, flipped half of the time, uneven light."""
        wide = self.background(modality)
        width, height = self.size
        left = int(rng.integers(0, wide.shape[1] - width + 1))
        view = wide[:, left : left + width]
        if rng.random() < 0.5:
            view = view[:, ::-1]
        image = view.astype(np.float32)
        if rng.random() < 0.7:
            image *= _patches(rng, self)[..., None]
        return image

    def expose(
        self,
        image: np.ndarray,
        rng: np.random.Generator,
        modality: str = "rgb",
        exposure: float | None = None,
    ) -> np.ndarray:
        """What the camera records of a scene.

        Args:
            image: (H, W, 3) float32 BGR 0..255, as the eye would see it.
            rng: The scene's generator (sensor noise, exposure).
            modality: ``'rgb'`` or ``'ir'``.
            exposure: Factor on all values, of a video's frames; None: a random one.

        Returns:
            (H, W, 3) uint8 BGR; grey for infrared.
        """
        if exposure is None:
            exposure = float(rng.normal(1, 0.06))
        if self.night and modality == "rgb":
            image = image * _lamps(self.seed, self.index, self.size)
        if modality == "rgb":
            image = cv2.transform(image, self.colour * exposure)
            gamma = self.gamma
        else:
            image = image * (exposure * float(np.trace(self.colour)) / 3)
            gamma = np.full(3, self.gamma.mean())
        image = np.clip(image, 0, 255).astype(np.uint8)
        image = cv2.LUT(image, _gamma_table(*np.round(gamma, 4)))
        if self.blur > 0.2:
            image = cv2.GaussianBlur(image, (0, 0), self.blur)
        level = self.noise * (1.3 if modality == "ir" else 1.0)
        return _add_noise(image, rng, level, grey=modality == "ir")


def _patches(rng: np.random.Generator, camera: Camera) -> np.ndarray:
    """Sun and shade on the ground: (H, W) factors around 1."""
    width, height = camera.size
    field = smooth_noise(rng, (height // 4, width // 4), 26)
    field = np.clip(1.5 * field, -1, 1) * rng.uniform(0.06, 0.26)
    field[: int(camera.ground.edge) // 4] *= 0.4
    return 1 + cv2.resize(field, (width, height))


@lru_cache(maxsize=256)
def _gamma_table(*gamma: float) -> np.ndarray:
    ramp = np.linspace(0, 1, 256)[:, None] ** np.array(gamma)
    return np.round(255 * ramp).astype(np.uint8)[None]


@lru_cache(maxsize=1)
def _noise_tile() -> np.ndarray:
    tile = np.random.default_rng(7).standard_normal((_NOISE, _NOISE, 3), np.float32)
    return cv2.GaussianBlur(tile, (0, 0), 0.5) * 1.35


def _add_noise(
    image: np.ndarray, rng: np.random.Generator, level: float, grey: bool
) -> np.ndarray:
    """Add sensor noise: a random window of one fixed tile, flipped at random."""
    height, width = image.shape[:2]
    tile = _noise_tile()
    if height > _NOISE // 2 or width > _NOISE // 2:
        times = -(-2 * height // _NOISE) + 1, -(-2 * width // _NOISE) + 1
        tile = np.tile(tile, (*times, 1))
    y = rng.integers(tile.shape[0] - height + 1)
    x = rng.integers(tile.shape[1] - width + 1)
    noise = tile[y : y + height, x : x + width]
    noise = noise[..., [0, 0, 0]] if grey else noise
    out = image + noise * np.float32(level * rng.choice((-1, 1)))
    return np.clip(out + 0.5, 0, 255).astype(np.uint8)


@lru_cache(maxsize=64)
def _background(
    seed: int, index: int, size: tuple, modality: str, harder: bool = False
) -> np.ndarray:
    if modality == "ir":
        return infrared_background(_background(seed, index, size, "rgb", harder))
    camera = make_camera(seed, index, size, harder)
    rng = stream(seed, "camera", index, 1)
    wide = (int(WIDER * size[0]), size[1])
    return draw_place(rng, wide, camera.ground, camera.place)


@lru_cache(maxsize=4096)
def make_camera(
    seed: int, index: int, size: tuple[int, int], harder: bool = False
) -> Camera:
    """Camera ``index`` of a data set, for pictures of ``size`` (width, height).

    ``harder`` ones see deeper into the same places, and every other one by night.
    """
    rng = stream(seed, "camera", index, 0)
    height = size[1]
    edge = rng.uniform(0.26, 0.42)
    far = edge + rng.uniform(0.06, 0.12)
    heights = rng.uniform(64, 84) / 320, rng.uniform(150, 235) / 320
    far = max(far, heights[0] * 1.12)
    ground = Ground(*(float(height * x) for x in (edge, far, 1.02, *heights)))
    saturation = rng.uniform(0.45, 1.15)
    luma = np.tile(np.array((0.114, 0.587, 0.299)), (3, 1))
    colour = luma + (np.eye(3) - luma) * saturation
    cast = np.exp(rng.normal(0, 0.1, 3)) * rng.uniform(0.62, 1.18)
    camera = Camera(
        seed=seed,
        index=index,
        size=tuple(size),
        place=PLACES[(index + seed) % len(PLACES)],
        ground=ground,
        pitch=float(rng.uniform(0.08, 0.3)),
        colour=(cast[:, None] * colour).astype(np.float32),
        gamma=np.clip(np.exp(rng.normal(0, 0.1, 3)) * rng.uniform(0.85, 1.2), 0.6, 1.6),
        blur=float(rng.uniform(0.0, 1.1) * height / 320),
        noise=float(rng.uniform(2, 9)),
        quality=int(rng.integers(45, 93)),
    )
    return _made_harder(camera) if harder else camera


def _made_harder(camera: Camera) -> Camera:
    """The camera with a deeper ground; odd ones work at night."""
    rng = stream(camera.seed, "camera", camera.index, 2)
    height = camera.size[1]
    tall = rng.uniform(25, 40) / 480, rng.uniform(240, 300) / 480
    edge = camera.ground.edge / height
    far = max(edge + rng.uniform(0.02, 0.05), 1.12 * tall[0])
    ground = Ground(*(float(height * x) for x in (edge, far, 1.02, *tall)))
    night = camera.index % 2 == 1
    noise = camera.noise * (2 if night else 1)
    return replace(camera, ground=ground, noise=noise, harder=True, night=night)


@lru_cache(maxsize=64)
def _lamps(seed: int, index: int, size: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) float32 factors: warm pools of light in the dark."""
    rng = stream(seed, "camera", index, 3)
    width, height = size
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    light = np.zeros((height, width), np.float32)
    for _ in range(rng.integers(2, 5)):
        x, y = rng.uniform(0, width), rng.uniform(0.2, 1.0) * height
        radius = rng.uniform(0.12, 0.3) * width
        distance = ((columns - x) ** 2 + (2 * (rows - y)) ** 2) / (2 * radius**2)
        light += np.float32(rng.uniform(0.4, 0.8)) * np.exp(-distance)
    ambient = np.array((1.15, 1.0, 0.85), np.float32) * rng.uniform(0.16, 0.3)
    warm = np.array((0.7, 0.9, 1.05), np.float32)
    return np.minimum(ambient + light[..., None] * warm, 1.1).astype(np.float32)
