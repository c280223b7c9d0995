import numpy as np
import pytest

from mmpsearch.datasets.synthetic.camera import make_camera
from mmpsearch.datasets.synthetic.crop import render_crop
from mmpsearch.datasets.synthetic.identity import draw_identity
from mmpsearch.datasets.synthetic.seeds import stream

CAMERAS = [make_camera(0, i, (336, 224)) for i in range(3)]


@pytest.mark.parametrize("modality", ["rgb", "ir"])
def test_crops_have_their_size_and_depend_on_their_generator_only(modality):
    who = draw_identity(0, "test", 1)
    for size in ((64, 128), (48, 96)):
        first, second = (
            render_crop(who, CAMERAS[0], stream(0, "crop", 1, 2), modality, size)
            for _ in range(2)
        )
        assert first.shape == (size[1], size[0], 3) and first.dtype == np.uint8
        assert (first == second).all()
    grey = (first == first[..., :1]).all()
    assert grey == (modality == "ir")


def test_the_person_fills_the_crop():
    """The same crop without its person differs in the middle, in most pictures."""
    changed = 0
    for i in range(12):
        who = draw_identity(0, "test", i)
        other = draw_identity(0, "test", i + 50)
        crops = [
            render_crop(p, CAMERAS[i % 3], stream(0, "crop", i)).astype(float)
            for p in (who, other)
        ]
        middle = np.abs(crops[0] - crops[1])[30:110, 20:44].mean()
        changed += middle > 12
    assert changed >= 9
