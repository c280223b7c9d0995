from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from torch.utils.data import BatchSampler

from mmpsearch.datasets.samplers import (
    CrossModalityIdentityBatchSampler,
    ModalityBalancedBatchSampler,
    modality_samplers,
)
from mmpsearch.errors import ConfigError

# Person p has RGB[p] visible and IR[p] infrared pictures; two have no identity.
RGB, IR = [9, 4, 1, 6, 5, 3], [2, 5, 3, 1, 4, 0]
PERSONS = np.concatenate([np.repeat(range(6), RGB), np.repeat(range(6), IR), [-1, -1]])
MODALITIES = np.repeat(["rgb", "ir", "rgb", "ir"], [sum(RGB), sum(IR), 1, 1])
DATASET = SimpleNamespace(person_ids=PERSONS, modalities=MODALITIES)


def batches_of(sampler):
    pairs = [(int(index), index.seed) for index in sampler]
    assert len(pairs) == len(sampler)
    return list(BatchSampler(pairs, sampler.batch_size, drop_last=False))


def samplers_of_two_ranks(monkeypatch, build):
    for rank in range(2):
        monkeypatch.setattr(
            modality_samplers, "get_dist_info", lambda rank=rank: (rank, 2)
        )
        yield build()


def test_all_visible_then_as_many_infrared_pictures():
    sampler = ModalityBalancedBatchSampler(DATASET, 6, seed=0)
    batches = batches_of(sampler)
    assert len(batches) == 5  # 29 visible pictures, 6 a batch
    for batch in batches:
        indices = [index for index, _ in batch]
        assert MODALITIES[indices].tolist() == ["rgb"] * 6 + ["ir"] * 6
    shown = Counter(index for batch in batches for index, _ in batch)
    assert set(shown) == set(range(len(PERSONS)))
    infrared = [shown[i] for i in np.flatnonzero(MODALITIES == "ir")]
    assert max(infrared) - min(infrared) <= 1, "each as often, to one"


def test_identities_are_the_same_in_both_halves():
    sampler = CrossModalityIdentityBatchSampler(DATASET, 3, 4, seed=0)
    batches = batches_of(sampler)
    assert len(batches) == 29 // 12 + 1
    for epoch in range(5):
        sampler.set_epoch(epoch)
        for batch in batches_of(sampler):
            indices = np.array([index for index, _ in batch])
            assert (MODALITIES[indices] == ["rgb"] * 12 + ["ir"] * 12).all()
            left, right = PERSONS[indices].reshape(2, 12)
            assert (left == right).all()
            people = left.reshape(3, 4)
            assert (people == people[:, :1]).all() and len(set(people[:, 0])) == 3
            assert not {-1, 5} & set(left.tolist()), "no label, or no infrared picture"


def test_visible_pictures_may_be_loaded_twice():
    sampler = CrossModalityIdentityBatchSampler(DATASET, 2, 2, rgb_views=2, seed=0)
    assert sampler.batch_size == 12
    batch = np.array(batches_of(sampler)[0])
    first, second, infrared = batch.reshape(3, 4, 2)
    assert (first[:, 0] == second[:, 0]).all() and (first[:, 1] != second[:, 1]).all()
    assert (PERSONS[first[:, 0]] == PERSONS[infrared[:, 0]]).all()
    assert (MODALITIES[infrared[:, 0]] == "ir").all()


@pytest.mark.parametrize(
    "build",
    [
        lambda p: ModalityBalancedBatchSampler(DATASET, 4 * p, seed=3),
        lambda p: CrossModalityIdentityBatchSampler(DATASET, 2 * p, 2, seed=3),
    ],
)
def test_order_depends_on_seed_and_epoch_and_ranks_share_it(monkeypatch, build):
    alone = build(2)
    first = batches_of(alone)
    alone.set_epoch(1)
    second = batches_of(alone)
    assert first != second and len(first) == len(second)
    alone.set_epoch(0)
    assert batches_of(alone) == first
    ranks = [
        batches_of(s) for s in samplers_of_two_ranks(monkeypatch, lambda: build(1))
    ]
    for batch, left, right in zip(first, *ranks, strict=True):
        assert sorted(batch) == sorted(left + right)
        for part in (left, right):
            modalities = MODALITIES[[index for index, _ in part]]
            assert modalities.tolist() == ["rgb"] * 4 + ["ir"] * 4


def test_ranks_have_different_people(monkeypatch):
    build = lambda: CrossModalityIdentityBatchSampler(DATASET, 2, 2, seed=1)  # noqa: E731
    ranks = [batches_of(s) for s in samplers_of_two_ranks(monkeypatch, build)]
    for left, right in zip(*ranks, strict=True):
        people = [{PERSONS[index] for index, _ in part} for part in (left, right)]
        assert len(people[0] | people[1]) == 4


def test_what_cannot_be_sampled_is_said():
    with pytest.raises(ConfigError, match="needs 6 people .* the dataset has 5"):
        CrossModalityIdentityBatchSampler(DATASET, 6, 2, seed=0)
    visible = SimpleNamespace(modalities=["rgb"] * 4, person_ids=[0, 0, 1, 1])
    with pytest.raises(ConfigError, match="no picture of modality 'ir'"):
        ModalityBalancedBatchSampler(visible, 2, seed=0)
    with pytest.raises(ValueError, match="at least 1"):
        ModalityBalancedBatchSampler(DATASET, 0)
