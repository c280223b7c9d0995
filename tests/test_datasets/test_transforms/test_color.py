import numpy as np

from mmpsearch.datasets.transforms import ColorJitter
from mmpsearch.datasets.transforms.color import cast_colours, jitter_colours

from .scene import make_results


def test_factors_of_one_change_nothing():
    image = make_results()["img"]
    assert (jitter_colours(image, 1.0, 1.0, 1.0) == image).all()


def test_each_factor_by_hand():
    grey = np.full((2, 2, 3), 100, np.uint8)
    assert (jitter_colours(grey, 1.5, 1.0, 1.0) == 150).all()
    assert (jitter_colours(grey, 3.0, 1.0, 1.0) == 255).all()
    two = grey.copy()
    two[:, 1] = 60  # mean grey 80
    assert jitter_colours(two, 1.0, 0.5, 1.0)[0, :, 0].tolist() == [90, 70]
    blue = np.zeros((1, 1, 3), np.uint8)
    blue[..., 0] = 200  # its grey is 0.114 * 200 = 23
    assert jitter_colours(blue, 1.0, 1.0, 0.0)[0, 0].tolist() == [23, 23, 23]


def test_range_and_type():
    np.random.seed(0)
    means = []
    for _ in range(50):
        results = ColorJitter(0.2, 0.0, 0.0)(make_results())
        assert results["img"].dtype == np.uint8
        means.append(results["img"].mean() / make_results()["img"].mean())
    assert 0.79 < min(means) < 0.85 and 1.1 < max(means) < 1.21


def test_a_cast_multiplies_every_channel():
    image = np.array([[[10, 100, 200]]], np.uint8)
    cast = cast_colours(image, np.array([1.5, 0.5, 2.0]))
    assert cast.tolist() == [[[15, 50, 255]]] and cast.dtype == np.uint8


def test_casts_differ_between_channels_only_where_asked():
    image = np.full((4, 4, 3), 100, np.uint8)
    still = dict(brightness=0.0, contrast=0.0, saturation=0.0)
    assert (ColorJitter(**still)(dict(img=image))["img"] == 100).all()
    np.random.seed(0)
    found = ColorJitter(**still, cast=0.3)(dict(img=image))["img"][0, 0]
    assert (
        len(set(found.tolist())) == 3 and (70 <= found).all() and (found <= 130).all()
    )
