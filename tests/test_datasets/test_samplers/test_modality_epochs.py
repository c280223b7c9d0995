"""Epochs as long as the released codes'."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from mmengine.config import Config
from torch.utils.data import BatchSampler

from mmpsearch.datasets.samplers import (
    EachPairOnceBatchSampler,
    EachPersonOnceBatchSampler,
    modality_samplers,
)
from mmpsearch.datasets.samplers.modality_epochs import most_batches, spread
from mmpsearch.errors import ConfigError
from mmpsearch.registry import DATA_SAMPLERS


def people_with(visible, infrared):
    """A data set of so many pictures of each person."""
    people = range(len(visible))
    return SimpleNamespace(
        person_ids=np.concatenate(
            [np.repeat(people, visible), np.repeat(people, infrared)]
        ),
        modalities=np.repeat(["rgb", "ir"], [sum(visible), sum(infrared)]),
    )


def shared(total, people):
    """A total as evenly as it goes."""
    return np.full(people, total // people) + (np.arange(people) < total % people)


SYSU = people_with(shared(22258, 395), shared(11909, 395))
REGDB = people_with([10] * 206, [10] * 206)
# method, data set -> steps of an epoch; pictures of SYSU-MM01's people are not equally
# many: with its own numbers MPANet's epoch has at most these
STEPS = {
    ("mmgl/agw_r50", "sysu-mm01"): 696,
    ("mmgl/agw_r50", "regdb"): 65,
    ("mutual_info/mutual-info_r50", "sysu-mm01"): 24,
    ("mutual_info/mutual-info_r50", "regdb"): 25,
    ("mpanet/mpanet_r50", "sysu-mm01"): 186,
    ("mpanet/mpanet_r50", "regdb"): 34,
}


def batches_of(sampler):
    indices = [int(index) for index in sampler]
    assert len(indices) == len(sampler)
    return [np.array(b) for b in BatchSampler(indices, sampler.batch_size, False)]


@pytest.mark.parametrize(("config", "dataset"), STEPS)
def test_steps_of_an_epoch(config, dataset):
    loaded = Config.fromfile(f"configs/{config}_{dataset}.py")
    loader = loaded.train_dataloader
    data = SYSU if dataset == "sysu-mm01" else REGDB
    if "mpanet" in config and data is SYSU:  # nobody loses pictures to rounding
        data = people_with([60] * 395, shared(2977, 395) * 4)
    sampler = DATA_SAMPLERS.build(dict(loader.sampler, dataset=data, seed=0))
    assert sampler.batch_size == loader.batch_size
    steps = STEPS[config, dataset]
    assert sampler.num_batches == len(batches_of(sampler)) == steps
    if "agw" not in config:
        epochs = loaded.train_cfg.max_epochs
        text = " ".join(open(f"configs/{config}_{dataset}.py").read().split())
        assert f"{steps} steps, {steps * epochs:,} in all" in text


def test_every_person_once():
    data = people_with([3, 1, 5, 4, 2, 6, 3], [3, 2, 4, 4, 4, 0, 3])
    sampler = EachPersonOnceBatchSampler(data, 2, 3, seed=0)
    left_out = set()
    for epoch in range(10):
        sampler.set_epoch(epoch)
        batches = batches_of(sampler)
        assert len(batches) == 3  # six people have pictures of both modalities
        shown = []
        for batch in batches:
            visible, infrared = data.person_ids[batch].reshape(2, 6)
            assert (visible == infrared).all()
            assert data.modalities[batch].tolist() == ["rgb"] * 6 + ["ir"] * 6
            shown += visible.reshape(2, 3)[:, 0].tolist()
            for person in set(visible) & {0, 3}:  # have enough
                pictures = batch[data.person_ids[batch] == person]
                assert len(set(pictures)) == 6
        assert sorted(shown) == [0, 1, 2, 3, 4, 6]
        left_out.add(tuple(shown))
    assert len(left_out) > 5, "another order every time"


def test_no_pair_twice():
    data = people_with([9, 4, 1, 6, 5, 8], [4, 5, 3, 7, 4, 8])
    sampler = EachPairOnceBatchSampler(data, 2, 2, seed=0)
    # groups of two pairs: 2, 2, 0, 3, 2, 4
    assert sampler.num_batches == 6
    orders = set()
    for epoch in range(5):
        sampler.set_epoch(epoch)
        batches = batches_of(sampler)
        assert max(Counter(np.concatenate(batches).tolist()).values()) == 1
        for batch in batches:
            visible, infrared = data.person_ids[batch].reshape(2, 4)
            assert (visible == infrared).all() and len(set(visible)) == 2
        orders.add(tuple(np.concatenate(batches)))
    assert len(orders) == 5


def test_two_ranks_have_different_people(monkeypatch):
    data = people_with([8] * 9, [6] * 9)
    for kind in (EachPersonOnceBatchSampler, EachPairOnceBatchSampler):
        found = []
        for rank in range(2):
            monkeypatch.setattr(
                modality_samplers, "get_dist_info", lambda rank=rank: (rank, 2)
            )
            found.append(batches_of(kind(data, 2, 2, seed=1)))
        assert len(found[0]) == len(found[1]) > 1
        for one, other in zip(*found, strict=True):
            assert not set(data.person_ids[one]) & set(data.person_ids[other])


@pytest.mark.parametrize("groups", [[5, 1, 1, 1], [3, 3, 3], [9, 9, 1, 0], [2] * 7])
@pytest.mark.parametrize("people", [1, 2, 3])
def test_the_most_batches_by_trying(groups, people):
    """A batch takes those with most groups left: the best that can be done."""
    left, number = sorted(groups, reverse=True), 0
    while sum(count > 0 for count in left) >= people:
        left = sorted([c - (i < people) for i, c in enumerate(left)], reverse=True)
        number += 1
    assert most_batches(np.array(groups), people) == number
    table = spread(np.array(groups), number, people, np.random.default_rng(0))
    assert table.shape == (number, people)
    assert all(len(set(row)) == people for row in table.tolist())
    used = Counter(table.ravel().tolist())
    assert all(used[place] <= groups[place] for place in used)


def test_too_few_pictures_are_refused():
    with pytest.raises(ConfigError, match="needs 3 people with 4 .* has 2; lower"):
        EachPairOnceBatchSampler(people_with([4, 4, 3], [9, 9, 9]), 3, 4, seed=0)
