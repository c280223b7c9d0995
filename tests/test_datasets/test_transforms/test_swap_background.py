from functools import partial

import numpy as np
import pytest

from mmpsearch.datasets.transforms import (
    ContrastViews,
    MultiView,
    PersonViews,
    SwapBackground,
)
from mmpsearch.errors import ConfigError
from mmpsearch.registry import TRANSFORMS

WHITE = dict(img=np.full((30, 20, 3), 255, np.uint8))


@pytest.mark.parametrize("size", [(30, 20), (60, 50)])
def test_the_middle_stays(size):
    image = np.arange(30 * 20 * 3, dtype=np.uint8).reshape(30, 20, 3)
    before, other = image.copy(), np.full((*size, 3), 255, np.uint8)
    swap = SwapBackground(kept=(0.6, 0.6))
    swapped = swap(dict(img=image, mix_results=[dict(img=other)]))["img"]
    assert np.array_equal(swapped[:, 4:16], before[:, 4:16])
    assert (swapped[:, :4] == 255).all() and (swapped[:, 16:] == 255).all()
    assert np.array_equal(image, before) and (other == 255).all()


def test_the_share_is_drawn_between_both():
    np.random.seed(0)
    swap = TRANSFORMS.build(dict(type="mmpsearch.SwapBackground", kept=(0.5, 0.8)))
    black = np.zeros((2, 100, 3), np.uint8)
    seen = {
        (swap(dict(img=black, mix_results=[WHITE]))["img"][0, :, 0] == 0).sum()
        for _ in range(300)
    }
    assert min(seen) == 50 and max(seen) == 80 and len(seen) > 10


def test_all_of_it_may_be_kept():
    image = np.zeros((4, 4, 3), np.uint8)
    found = SwapBackground(kept=(1, 1))(dict(img=image, mix_results=[WHITE]))
    assert not found["img"].any()


@pytest.mark.parametrize("kept", [(0, 0.5), (0.8, 0.5), (0.5, 1.1)])
def test_wrong_shares_are_refused(kept):
    with pytest.raises(ConfigError, match=r"kept=.* must be"):
        SwapBackground(kept=kept)


def test_without_other_crops_it_says_what_to_do():
    with pytest.raises(ConfigError, match="MultiImageMixDataset wrap the data set"):
        SwapBackground()(dict(img=WHITE["img"]))


def test_views_of_a_picture_get_backgrounds_of_their_own():
    np.random.seed(0)
    others = [dict(img=np.full((30, 20, 3), value, np.uint8)) for value in range(1, 60)]
    views = MultiView([[dict(type="mmpsearch.SwapBackground")]], [6])
    made = views(dict(img=np.zeros((30, 20, 3), np.uint8), mix_results=others))["views"]
    assert len({int(view[0, 0, 0]) for view in made}) > 3
    assert all(view[0, 10, 0] == 0 for view in made)


@pytest.mark.parametrize(
    ("views", "number"),
    [
        (partial(PersonViews, local_views=2), 4),
        (partial(ContrastViews, original=True), 3),
        (partial(ContrastViews, original=False), 2),
    ],
)
def test_other_crops_are_asked_for_only_if_they_are_needed(views, number):
    assert views().get_indexes(range(5)) == []
    swapping = views(background=dict(type="mmpsearch.SwapBackground"))
    indices = swapping.get_indexes(range(5))
    assert len(indices) == number and set(indices) <= set(range(5))
    steps = [pipeline.transforms[0] for pipeline in swapping.pipelines]
    assert all(isinstance(step, SwapBackground) for step in steps)
