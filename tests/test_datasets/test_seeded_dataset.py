import random

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from mmpsearch.datasets.samplers import ViewSampler
from mmpsearch.datasets.seeded_dataset import SeededDataset


class Draws(torch.utils.data.Dataset):
    def __len__(self):
        return 6

    def __getitem__(self, index):
        return index, random.random(), np.random.rand(), torch.rand(1).item()


class SeededDraws(SeededDataset, Draws):
    pass


def epoch(workers):
    sampler = ViewSampler(SeededDraws(), views=2, seed=5)
    loader = DataLoader(
        SeededDraws(), 4, sampler=sampler, num_workers=workers, collate_fn=list
    )
    return [sample for batch in loader for sample in batch]


def test_same_draws_with_and_without_workers():
    alone = epoch(0)
    assert alone == epoch(2)
    assert len({sample[1:] for sample in alone}) == 12


def test_global_generators_are_left_alone():
    def global_draws():
        return random.random(), np.random.rand(), torch.rand(1).item()

    def seed_all():
        random.seed(0), np.random.seed(0), torch.manual_seed(0)

    seed_all()
    expected = global_draws()
    seed_all()
    for index in ViewSampler(SeededDraws(), seed=5):
        SeededDraws()[index]
    assert global_draws() == expected


def test_plain_index_uses_the_global_generators():
    random.seed(1)
    first = SeededDraws()[2]
    random.seed(1)
    assert SeededDraws()[2][1] == first[1]
    assert SeededDraws()[2][1] != pytest.approx(first[1])
