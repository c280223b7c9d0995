import dataclasses

import numpy as np
import pytest

from mmpsearch.datasets.synthetic.fabric import mix, pattern_weight
from mmpsearch.datasets.synthetic.identity import LOGOS, PATTERNS, Garment
from mmpsearch.datasets.synthetic.palette import Colour

PLAIN = Garment("tee", "plain", Colour(0, 0, 0, 0), Colour(9, 9, 9, 9), 0.04)
AROUND, DOWN = np.meshgrid(
    np.linspace(-0.2, 0.2, 201, dtype=np.float32),
    np.linspace(0, 0.26, 131, dtype=np.float32),
)


def weight(pattern, part="body", **changes):
    garment = dataclasses.replace(PLAIN, pattern=pattern, **changes)
    return np.broadcast_to(pattern_weight(garment, AROUND, DOWN, part), AROUND.shape)


@pytest.mark.parametrize("pattern", [*PATTERNS, "side stripe", "cuff"])
def test_weights_are_shares(pattern):
    for part in ("body", "sleeve", "leg"):
        values = weight(pattern, part)
        assert values.min() >= 0 and values.max() <= 1


def test_stripes_repeat_with_their_period_in_one_direction():
    across = weight("horizontal stripes")
    assert np.allclose(across, across[:, :1])
    assert np.allclose(across[:-20], across[20:], atol=0.02)  # 20 steps of 2 mm = 0.04
    upright = weight("vertical stripes")
    assert np.allclose(upright, upright[:1])


def test_check_is_half_and_half():
    assert abs(weight("check").mean() - 0.5) < 0.05


def test_logo_is_on_the_front_of_the_body_only():
    for logo in LOGOS:
        shape = weight("logo", logo=logo)
        assert shape[:, np.abs(AROUND[0]) > 0.06].max() == 0
        assert 0.001 < shape.mean() < 0.2
    assert weight("logo", "sleeve").max() == 0


def test_two_tone_changes_below_the_chest_and_raglan_at_the_sleeve():
    two_tone = weight("two-tone")
    assert two_tone[0].max() == 0 and two_tone[-1].min() == 1
    assert weight("raglan").max() == 0 and weight("raglan", "sleeve").min() == 1


def test_mix_interpolates():
    first, second = np.zeros(3, np.float32), np.float32((100, 200, 40))
    mixed = mix(first, second, np.float32([[0, 0.5, 1]]))
    assert mixed.tolist() == [[[0, 0, 0], [50, 100, 20], [100, 200, 40]]]
