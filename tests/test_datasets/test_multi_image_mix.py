"""Crops before other crops' backgrounds, the same whatever loads them."""

import cv2
import numpy as np
import pytest
from torch.utils.data import DataLoader

from mmpsearch.datasets import MultiImageMixDataset, SeededIndex
from mmpsearch.datasets.samplers import ViewSampler


@pytest.fixture
def mixed(tmp_path):
    """Six crops, each of one grey value, and views whose backgrounds are swapped."""
    for number in range(6):
        grey = np.full((32, 16, 3), 40 * number, np.uint8)
        cv2.imwrite(str(tmp_path / f"{number}.png"), grey)
    views = dict(
        type="mmpsearch.PersonViews",
        global_size=(32, 16),
        local_size=(16, 8),
        local_views=2,
        background=dict(type="mmpsearch.SwapBackground", kept=(0.5, 0.5)),
    )
    crops = dict(
        type="mmpsearch.LUPerson",
        data_root=str(tmp_path),
        pipeline=[dict(type="mmpsearch.LoadImage")],
    )
    return MultiImageMixDataset(crops, pipeline=[views])


def epoch(dataset, workers):
    sampler = ViewSampler(dataset, seed=5)
    loader = DataLoader(
        dataset, 2, sampler=sampler, num_workers=workers, collate_fn=list
    )
    return [sample for batch in loader for sample in batch]


def test_a_sample_holds_views_and_not_what_they_were_made_of(mixed):
    assert len(mixed) == 6 and mixed.metainfo["classes"] == ("person",)
    sample = mixed[SeededIndex(3, seed=1)]
    assert "mix_results" not in sample
    assert [view.shape[:2] for view in sample["views"]] == [(32, 16)] * 2 + [
        (16, 8)
    ] * 2
    # the crop itself is 120 everywhere
    assert (sample["img"] == 120).all()
    assert any(len(np.unique(view)) > 1 for view in sample["views"])


def test_other_crops_are_drawn_by_the_sample_s_seed(mixed):
    np.random.seed(0)
    alone = epoch(mixed, 0)
    np.random.seed(1)
    for one, other in zip(alone, epoch(mixed, 2), strict=True):
        for view, same in zip(one["views"], other["views"], strict=True):
            assert np.array_equal(view, same)
    first, second = (mixed[SeededIndex(3, seed=seed)]["views"] for seed in (1, 2))
    assert not all(map(np.array_equal, first, second))
