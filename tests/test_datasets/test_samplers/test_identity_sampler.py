from collections import Counter
from functools import cache
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from torch.utils.data import BatchSampler

from mmpsearch.datasets.samplers import IdentitySampler, identity_sampler
from mmpsearch.datasets.samplers.identity_sampler import count_batches, spread

# Identity i has AMOUNTS[i] pictures; the last pictures have no identity.
AMOUNTS = [9, 4, 1, 12, 5, 3, 8, 4, 40]
PERSONS = np.concatenate([np.repeat(np.arange(9), AMOUNTS), [-1, -1]])
DATASET = SimpleNamespace(person_ids=PERSONS, camera_ids=np.arange(len(PERSONS)) % 3)


def batches_of(sampler, size):
    pairs = [(int(index), index.seed) for index in sampler]
    assert len(pairs) == len(sampler)
    return list(BatchSampler(pairs, size, drop_last=True))


def rank_samplers(monkeypatch, world_size, **kwargs):
    samplers = []
    for rank in range(world_size):
        monkeypatch.setattr(
            identity_sampler, "get_dist_info", lambda rank=rank: (rank, world_size)
        )
        samplers.append(IdentitySampler(DATASET, **kwargs))
    return samplers


@pytest.mark.parametrize("balanced", [False, True])
def test_every_batch_has_p_identities_with_k_pictures(balanced):
    sampler = IdentitySampler(DATASET, 4, 3, seed=0, balanced_cameras=balanced)
    for epoch in range(4):
        sampler.set_epoch(epoch)
        batches = batches_of(sampler, 12)
        used = Counter()
        for batch in batches:
            indices = np.array([index for index, _ in batch])
            assert Counter(PERSONS[indices].tolist()).most_common()[-1][1] == 3
            assert len(set(PERSONS[indices])) == 4
            assert (PERSONS[indices].reshape(4, 3) == PERSONS[indices][::3, None]).all()
            used.update(indices.tolist())
        repeated = {int(PERSONS[i]) for i, n in used.items() if n > 1}
        assert repeated <= {2}, "only the identity with one picture repeats it"


def test_nearly_everything_is_seen_in_an_epoch_and_all_in_several():
    sampler = IdentitySampler(DATASET, 2, 4, seed=0)
    seen = set()
    for epoch in range(30):
        sampler.set_epoch(epoch)
        seen |= {int(index) for index in sampler}
    assert seen == set(range(len(PERSONS) - 2))


def test_number_of_batches_is_the_greatest_possible():
    generator = np.random.default_rng(0)
    for _ in range(50):
        groups = generator.integers(1, 6, size=generator.integers(2, 5))
        size = int(generator.integers(1, len(groups) + 1))
        assert count_batches(groups, size) == _most_batches(tuple(groups), size)


@cache
def _most_batches(groups, size):
    """Try every choice of identities for every batch."""
    best = 0
    for chosen in combinations(range(len(groups)), size):
        if all(groups[i] for i in chosen):
            rest = tuple(sorted(g - (i in chosen) for i, g in enumerate(groups)))
            best = max(best, 1 + _most_batches(rest, size))
    return best


def test_order_and_seeds_depend_on_seed_and_epoch_alone():
    sampler = IdentitySampler(DATASET, 4, 3, seed=3)
    first = batches_of(sampler, 12)
    sampler.set_epoch(1)
    second = batches_of(sampler, 12)
    assert first != second
    resumed = IdentitySampler(DATASET, 4, 3, seed=3)
    resumed.set_epoch(1)
    assert batches_of(resumed, 12) == second
    assert batches_of(IdentitySampler(DATASET, 4, 3, seed=4), 12) != first
    seeds = [seed for batch in first for _, seed in batch]
    assert len(set(seeds)) == len(seeds)


def test_two_ranks_share_the_batches_of_one_process(monkeypatch):
    alone = batches_of(IdentitySampler(DATASET, 4, 3, seed=1), 12)
    ranks = rank_samplers(monkeypatch, 2, num_identities=2, num_instances=3, seed=1)
    per_rank = [batches_of(sampler, 6) for sampler in ranks]
    assert len(alone) == len(per_rank[0]) == len(per_rank[1]) > 0
    for batch, left, right in zip(alone, *per_rank, strict=True):
        assert sorted(batch) == sorted(left + right)
        persons = [{int(PERSONS[i]) for i, _ in part} for part in (left, right)]
        assert len(persons[0]) == len(persons[1]) == 2
        assert not persons[0] & persons[1]


def test_balanced_cameras_mix_every_group():
    # One identity: 8 pictures of camera 0, then 8 of camera 1.
    dataset = SimpleNamespace(person_ids=np.zeros(16), camera_ids=np.repeat([0, 1], 8))

    def single_camera_groups(balanced):
        sampler = IdentitySampler(dataset, 1, 4, seed=0, balanced_cameras=balanced)
        count = 0
        for epoch in range(20):
            sampler.set_epoch(epoch)
            for batch in batches_of(sampler, 4):
                count += len({int(dataset.camera_ids[i]) for i, _ in batch}) == 1
        return count

    assert single_camera_groups(True) == 0
    assert single_camera_groups(False) > 0


def test_spread_is_an_even_order():
    cameras = np.array([0] * 6 + [1] * 3 + [2] * 3)
    for seed in range(10):
        order = spread(cameras, np.random.default_rng(seed))
        assert sorted(order) == list(range(12))
        for part in np.split(cameras[order], 3):
            assert Counter(part.tolist())[0] == 2


def test_labels_through_data_infos():
    infos = [dict(person_id=int(p), camera_id=0) for p in PERSONS]

    class Plain(list):
        def get_data_info(self, index):
            return self[index]

    plain = batches_of(IdentitySampler(Plain(infos), 4, 3, seed=0), 12)
    assert plain == batches_of(IdentitySampler(DATASET, 4, 3, seed=0), 12)


def test_too_few_identities():
    with pytest.raises(ValueError, match="needs 10 identities, the dataset has 9"):
        IdentitySampler(DATASET, 10, 2, seed=0)
    unlabelled = SimpleNamespace(person_ids=[-1, -1])
    with pytest.raises(ValueError, match="the dataset has 0"):
        IdentitySampler(unlabelled, 1, 1, seed=0)
    with pytest.raises(ValueError, match="at least 1, got 2 and 0"):
        IdentitySampler(DATASET, 2, 0)


def test_published_epoch_length_of_market1501():
    # 12,936 pictures of 751 identities: about 185 batches of 16 x 4.
    generator = np.random.default_rng(0)
    amounts = generator.multinomial(12936 - 2 * 751, np.ones(751) / 751) + 2
    dataset = SimpleNamespace(person_ids=np.repeat(np.arange(751), amounts))
    assert 170 < len(IdentitySampler(dataset, 16, 4, seed=0)) / 64 < 190
