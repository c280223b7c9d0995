import dataclasses

import numpy as np
import pytest

from mmpsearch.datasets.synthetic.identity import (
    BOTTOMS,
    HAIR_STYLES,
    PATTERNS,
    TOPS,
    draw_identity,
)


def test_an_identity_depends_on_seed_split_and_index_only():
    assert draw_identity(0, "train", 5) == draw_identity(0, "train", 5)
    others = [(0, "train", 6), (0, "test", 5), (1, "train", 5)]
    assert all(draw_identity(*key) != draw_identity(0, "train", 5) for key in others)


@pytest.fixture(scope="module")
def crowd():
    return [draw_identity(0, "train", i) for i in range(400)]


def test_values_stay_in_their_ranges(crowd):
    for person in crowd:
        assert 0.84 <= person.height <= 1.14 and 0.78 <= person.girth <= 1.36
        assert person.top.kind in TOPS and person.top.pattern in PATTERNS
        assert person.bottom.kind in BOTTOMS and person.hair_style in HAIR_STYLES
        assert person.female or "skirt" not in person.bottom.kind
        for field in dataclasses.fields(person):
            if field.name.endswith("colour") or field.name in ("skin", "hair"):
                colour = np.array(getattr(person, field.name))
                assert ((0 <= colour) & (colour <= 255)).all()


def test_shares_of_bags_and_hats(crowd):
    without_bag = np.mean([person.bag == "none" for person in crowd])
    without_hat = np.mean([person.hat == "none" for person in crowd])
    assert 0.37 < without_bag < 0.53 and 0.69 < without_hat < 0.83


def test_few_people_share_coarse_clothing(crowd):
    looks = [
        (p.top.kind, p.top.pattern, p.bottom.kind, p.hair_style, p.bag) for p in crowd
    ]
    assert len(set(looks)) > 0.8 * len(looks)
