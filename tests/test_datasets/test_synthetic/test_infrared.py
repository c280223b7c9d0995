import numpy as np

from mmpsearch.datasets.synthetic.infrared import (
    infrared_background,
    infrared_object,
    material_grey,
)


def test_material_grey_mixes_luminance_table_and_chance():
    class Fixed:
        def uniform(self, low, high):
            return 100.0

    # luminance of (10, 20, 30) is 2.99 + 11.74 + 3.42 = 18.15
    grey = material_grey(Fixed(), np.array((10, 20, 30)), 200)
    assert np.isclose(grey, 0.40 * 18.15 + 0.45 * 200 + 0.15 * 100)


def test_infrared_background_is_grey_and_darker():
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    night = infrared_background(image)
    assert night.shape == image.shape and night.dtype == np.uint8
    assert (night == night[..., :1]).all()
    assert night.mean() < 0.75 * image.mean()
    even = infrared_background(np.full((40, 60, 3), 200, np.uint8))[..., 0]
    assert even[24, 30] > even[0, 0]


def test_infrared_object_keeps_the_mean():
    colour = np.float32([[[30, 60, 90]]])
    assert infrared_object(colour).tolist() == [[[45, 45, 45]]]
