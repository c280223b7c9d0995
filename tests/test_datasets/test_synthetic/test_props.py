import numpy as np
import pytest

from mmpsearch.datasets.synthetic.props import OCCLUDERS, PROPS


@pytest.mark.parametrize("name", PROPS)
def test_prop_is_drawn_standing_on_the_ground(name):
    sprite = PROPS[name](np.random.default_rng(0), 80.0)
    assert 0.05 < sprite.alpha.mean() < 1
    assert sprite.alpha[-6:].max() > 0.9
    assert abs(sprite.foot[1] - sprite.alpha.shape[0]) <= 2
    assert (sprite.colour <= 256 * sprite.alpha[..., None] + 1e-3).all()


def test_size_follows_the_unit():
    small, large = (PROPS["bin"](np.random.default_rng(0), u) for u in (50.0, 100.0))
    ratio = large.alpha.shape[0] / small.alpha.shape[0]
    assert ratio == pytest.approx(2, abs=0.15)


def test_occluders_are_props():
    assert set(OCCLUDERS) <= set(PROPS)
