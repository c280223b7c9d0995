import numpy as np
import pytest

from mmpsearch.datasets.transforms import RandomErasing
from mmpsearch.datasets.transforms.random_erasing import MEAN, STD


def erased(value, **kwargs):
    """(pixels of the erased rectangle (N, 3), share of the picture)."""
    image = np.full((128, 64, 3), 255, np.uint8)
    out = RandomErasing(1.0, value, **kwargs)(dict(img=image))["img"]
    assert (image == 255).all(), "the input was changed in place"
    mask = (out != 255).any(axis=2)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = out[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return box.reshape(-1, 3), box.shape[0] * box.shape[1] / mask.size


@pytest.mark.parametrize(
    "value, colour",
    [("mean", (104, 116, 124)), ("zero", (0, 0, 0)), ((1, 2, 3), (1, 2, 3))],
)
def test_constant_fills(value, colour):
    np.random.seed(1)
    for _ in range(20):
        pixels, share = erased(value, area=(0.1, 0.2), aspect=0.5)
        assert (pixels == colour).all()
        assert 0.09 < share < 0.21


def test_the_mean_is_zero_after_normalisation():
    pixels, _ = erased("mean", area=(0.2, 0.2))
    assert np.abs((pixels - np.array(MEAN)) / STD).max() < 0.01


@pytest.mark.parametrize("mean, std", [(MEAN, STD), ((127.5,) * 3, (127.5,) * 3)])
def test_random_is_standard_normal_after_normalisation(mean, std):
    np.random.seed(0)
    pixels, share = erased("random", area=(0.3, 0.3), aspect=0.9, mean=mean, std=std)
    assert pixels.dtype == np.float32 and 0.28 < share < 0.32
    normal = (pixels - mean) / std
    assert np.abs(normal.mean(axis=0)).max() < 0.06
    assert np.abs(normal.std(axis=0) - 1).max() < 0.05
    assert normal.min() < -3 and normal.max() > 3  # cut nowhere


def test_random_gives_one_kind_of_array_whether_it_erases_or_not():
    image = np.arange(6 * 4 * 3, dtype=np.uint8).reshape(6, 4, 3)
    out = RandomErasing(0.0, "random")(dict(img=image))["img"]
    assert out.dtype == np.float32 and (out == image).all()


def test_uniform_is_uniform():
    np.random.seed(0)
    pixels, _ = erased("uniform", area=(0.3, 0.3), aspect=0.9)
    assert np.abs(pixels.mean(axis=0) - 127.5).max() < 8
    assert np.abs(pixels.std(axis=0) - 255 / 12**0.5).max() < 6


def test_probability_and_unknown_value():
    np.random.seed(0)
    image = np.full((32, 16, 3), 255, np.uint8)
    erase = RandomErasing(0.3)
    share = np.mean([(erase(dict(img=image))["img"] != 255).any() for _ in range(300)])
    assert 0.2 < share < 0.4
    with pytest.raises(ValueError, match="value must be one of mean, random"):
        RandomErasing(value="noise")
