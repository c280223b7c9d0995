import pytest
from torch.utils.data import BatchSampler

from mmpsearch.datasets.samplers import ViewSampler, view_sampler


def pairs(sampler):
    return [(int(index), index.seed) for index in sampler]


def rank_samplers(monkeypatch, world_size, **kwargs):
    samplers = []
    for rank in range(world_size):
        monkeypatch.setattr(
            view_sampler, "get_dist_info", lambda rank=rank: (rank, world_size)
        )
        samplers.append(ViewSampler(**kwargs))
    return samplers


def test_views_are_adjacent_and_differ():
    sequence = pairs(ViewSampler(range(5), views=2, seed=3))
    assert len(sequence) == 10
    first, second = sequence[::2], sequence[1::2]
    assert [index for index, _ in first] == [index for index, _ in second]
    assert sorted(index for index, _ in first) == [0, 1, 2, 3, 4]
    assert len({seed for _, seed in sequence}) == 10


def test_order_and_seeds_depend_on_seed_and_epoch_alone():
    sampler = ViewSampler(range(8), views=2, seed=3)
    epoch0 = pairs(sampler)
    sampler.set_epoch(1)
    epoch1 = pairs(sampler)
    assert epoch0 != epoch1
    resumed = ViewSampler(range(8), views=2, seed=3)
    resumed.set_epoch(1)
    assert pairs(resumed) == epoch1
    assert pairs(ViewSampler(range(8), views=2, seed=4)) != epoch0


@pytest.mark.parametrize("views", [1, 2])
def test_two_ranks_share_the_batches_of_one_process(monkeypatch, views):
    alone = ViewSampler(range(12), views=views, seed=1)
    batches = list(BatchSampler(pairs(alone), 8, drop_last=True))
    ranks = rank_samplers(monkeypatch, 2, dataset=range(12), views=views, seed=1)
    per_rank = [list(BatchSampler(pairs(s), 4, drop_last=True)) for s in ranks]
    assert len(batches) == len(per_rank[0]) == len(per_rank[1])
    for batch, left, right in zip(batches, *per_rank, strict=True):
        assert sorted(batch) == sorted(left + right)


def test_round_up_gives_every_rank_the_same_number(monkeypatch):
    ranks = rank_samplers(monkeypatch, 3, dataset=range(7), views=2, seed=0)
    sequences = [pairs(sampler) for sampler in ranks]
    assert [len(s) for s in ranks] == [len(s) for s in sequences] == [6, 6, 6]
    seen = [index for sequence in sequences for index, _ in sequence]
    assert set(seen) == set(range(7))

    ranks = rank_samplers(
        monkeypatch, 3, dataset=range(7), views=2, seed=0, round_up=False
    )
    sequences = [pairs(sampler) for sampler in ranks]
    assert [len(s) for s in ranks] == [len(s) for s in sequences] == [6, 4, 4]
    assert sorted(i for s in sequences for i, _ in s[::2]) == list(range(7))


def test_dataset_order_without_shuffle_and_bad_views():
    assert [int(i) for i in ViewSampler(range(3), shuffle=False, seed=0)] == [0, 1, 2]
    assert list(ViewSampler([], seed=0)) == []
    with pytest.raises(ValueError, match="views must be at least 1"):
        ViewSampler(range(3), views=0)
