"""Rendering a data set of crops to disk: deterministic, parallel, resumable."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from mmpsearch.datasets.synthetic.camera import Camera, make_camera
from mmpsearch.datasets.synthetic.crop import render_crop
from mmpsearch.datasets.synthetic.crop_options import CropOptions
from mmpsearch.datasets.synthetic.crop_plan import CropSpec
from mmpsearch.datasets.synthetic.identity import draw_identity
from mmpsearch.datasets.synthetic.manifest import (
    claim_folder,
    is_written,
    write_atomically,
)
from mmpsearch.datasets.synthetic.parallel import draw_all
from mmpsearch.datasets.synthetic.seeds import stream

_FRAME = (480, 320)  # of the cameras the crops are cut from
_QUALITY = 92
_PART = 0.45  # share of the height that junk shows


def _background(
    camera: Camera, rng: np.random.Generator, size: tuple[int, int]
) -> np.ndarray:
    """A window of the empty place, as a false detection shows it."""
    image = camera.expose(camera.frame(rng), rng)
    height = int(rng.uniform(0.3, 0.6) * _FRAME[1])
    width = min(_FRAME[0], max(8, height * size[0] // size[1]))
    top = int(rng.integers(_FRAME[1] - height + 1))
    left = int(rng.integers(_FRAME[0] - width + 1))
    window = image[top : top + height, left : left + width]
    return cv2.resize(window, size, interpolation=cv2.INTER_LINEAR)


def draw_crop(options: CropOptions, spec: CropSpec, variant: int = 0) -> np.ndarray:
    """(height, width, 3) uint8 BGR picture of one file.

    Args:
        options: Of the data set.
        spec: Which file.
        variant: Another draw of the same person under the same camera.
    """
    camera = make_camera(options.seed, options.first_camera + spec.camera, _FRAME)
    rng = stream(options.seed, "crop", spec.picture, variant)
    if spec.kind == "background":
        return _background(camera, rng, options.size)
    identity = draw_identity(options.seed, *spec.who)
    image = render_crop(identity, camera, rng, spec.modality, options.size)
    if spec.kind == "part":
        rows = max(1, int(_PART * len(image)))
        top = int(rng.choice((0, len(image) - rows)))
        part = image[top : top + rows]
        image = cv2.resize(part, options.size, interpolation=cv2.INTER_LINEAR)
    return image


def _draw_file(options: CropOptions, spec: CropSpec, root: str) -> None:
    path = Path(root, spec.path)
    image = draw_crop(options, spec, int("images_detected" in path.parts))
    flags = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY] if path.suffix == ".jpg" else []
    done, data = cv2.imencode(path.suffix, image, flags)
    if not done:
        raise RuntimeError(f"{path}: OpenCV could not encode the picture")
    write_atomically(path, data.tobytes())


def render_crops(
    options: CropOptions,
    plan: list[CropSpec],
    root: str | os.PathLike,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Render the files of a plan that are missing.

    Args:
        options: What to render.
        plan: Files with their paths.
        root: Folder of the data set. It may hold an interrupted rendering of the
            same options, which is completed, but none of other options.
        workers: Number of processes; 0 or 1 renders in this one.
        progress: Called with (pictures done, pictures in all).

    Raises:
        ManifestError: ``root`` holds something else.
        RenderingError: A worker died.
    """
    root = Path(root)
    claim_folder(root, options.to_dict())
    missing = [spec for spec in plan if not is_written(root / spec.path)]
    missing.sort(key=lambda spec: spec.camera)
    draw_all(
        _draw_file,
        missing,
        options,
        root=root,
        workers=workers,
        progress=progress,
        total=len(plan),
    )
