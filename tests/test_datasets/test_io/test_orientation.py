import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from mmpsearch.datasets.io.orientation import (
    make_upright,
    orientation_of,
    resolve_orientations,
)


def encoded(orientation, kind="PNG"):
    pixels = np.arange(6 * 4 * 3, dtype=np.uint8).reshape(6, 4, 3)
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, exif=exif)
    return pixels, buffer.getvalue()


def exif_orientation(data):
    with Image.open(io.BytesIO(data)) as image:
        return orientation_of(image)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_as_pillow_turns_it(orientation):
    pixels, data = encoded(orientation)
    assert exif_orientation(data) == orientation
    seen = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    assert np.array_equal(make_upright(pixels, orientation), seen)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF"])
def test_orientation_of_other_formats(kind):
    assert exif_orientation(encoded(6, kind)[1]) == 6


def test_without_or_with_a_wrong_orientation():
    assert exif_orientation(encoded(9)[1]) == 1
    buffer = io.BytesIO()
    Image.new("RGB", (3, 3)).save(buffer, "PNG")
    assert exif_orientation(buffer.getvalue()) == 1


def test_the_stated_size_decides_then_the_habit():
    stored = np.array([[6, 4]] * 5)
    stated = np.array([[6, 4], [4, 6], [0, 0], [6, 4], [5, 5]])
    orientations = np.array([6, 6, 6, 3, 6])
    sizes, upright, wrong = resolve_orientations(stated, stored, orientations, True)
    assert upright.tolist() == [False, True, True, True, False]
    assert sizes.tolist() == [[6, 4], [4, 6], [4, 6], [6, 4], [6, 4]]
    assert wrong.tolist() == [False] * 4 + [True]
    _, upright, _ = resolve_orientations(stated, stored, orientations, False)
    assert upright.tolist() == [False, True, False, False, False]
