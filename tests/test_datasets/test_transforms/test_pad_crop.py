import numpy as np
import pytest

from mmpsearch.datasets.transforms import PadCrop


def test_content_moves_and_the_rest_has_the_pad_value():
    image = np.arange(6 * 4 * 3, dtype=np.uint8).reshape(6, 4, 3) + 100
    moves = set()
    np.random.seed(0)
    for _ in range(200):
        moved = PadCrop(2, pad_value=(1, 2, 3))(dict(img=image))["img"]
        assert moved.shape == image.shape
        wide = np.full((10, 8, 3), (1, 2, 3), np.uint8)
        wide[2:8, 2:6] = image
        places = [
            (y, x)
            for y in range(5)
            for x in range(5)
            if np.array_equal(wide[y : y + 6, x : x + 4], moved)
        ]
        assert len(places) == 1
        moves.add(places[0])
    assert len(moves) == 25


def test_no_padding_keeps_the_image_and_negative_is_refused():
    image = np.random.default_rng(0).integers(0, 255, (5, 3, 3), dtype=np.uint8)
    assert np.array_equal(PadCrop(0)(dict(img=image))["img"], image)
    with pytest.raises(ValueError, match="padding must not be negative"):
        PadCrop(-1)
