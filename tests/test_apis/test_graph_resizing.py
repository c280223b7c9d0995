"""Resizing in a graph against the libraries that it imitates."""

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from mmpsearch.apis.graph_resizing import resize_plainly, resize_smoothly

SIZES = [(600, 240), (256, 128), (61, 33)]  # smaller, equal, larger
FILTERS = {
    "bilinear": (Image.Resampling.BILINEAR, cv2.INTER_LINEAR),
    "bicubic": (Image.Resampling.BICUBIC, cv2.INTER_CUBIC),
}


def picture(size):
    rng = np.random.default_rng(0)
    noise = rng.integers(256, size=(*size, 3), dtype=np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 1.5)


def resized(function, pixels, interpolation):
    x = torch.from_numpy(pixels).permute(2, 0, 1)[None].float()
    out = function(x, (256, 128), interpolation)
    return out.clamp(0, 255)[0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("interpolation", FILTERS)
def test_smoothly_as_pillow(size, interpolation):
    pixels = picture(size)
    pillow = Image.fromarray(pixels).resize((128, 256), FILTERS[interpolation][0])
    found = resized(resize_smoothly, pixels, interpolation)
    # Pillow rounds after each of the two directions
    assert np.abs(found - np.asarray(pillow, dtype=float)).max() <= 1.2


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("interpolation", FILTERS)
def test_plainly_as_opencv(size, interpolation):
    pixels = picture(size)
    opencv = cv2.resize(pixels, (128, 256), interpolation=FILTERS[interpolation][1])
    found = resized(resize_plainly, pixels, interpolation)
    assert np.abs(found - opencv).max() <= 1.0
