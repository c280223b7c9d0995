from types import SimpleNamespace

import numpy as np
import pytest
from torch.utils.data import DataLoader, RandomSampler

from mmpsearch.datasets import IdentitySampler, ModalityBalancedBatchSampler
from mmpsearch.engine.hooks import IdentityBatchHook
from mmpsearch.errors import ConfigError


def runner(batch_size, sampler=None):
    dataset = SimpleNamespace(person_ids=np.repeat(np.arange(5), 4))
    sampler = sampler or IdentitySampler(dataset, 3, 4, seed=0)
    loader = DataLoader(list(range(20)), batch_size=batch_size, sampler=sampler)
    return SimpleNamespace(train_dataloader=loader)


def test_a_batch_must_be_p_times_k():
    IdentityBatchHook().before_train(runner(12))
    IdentityBatchHook().before_train(runner(7, RandomSampler(range(20))))
    for batch_size in (6, 13, 24):
        with pytest.raises(
            ValueError, match=rf"is {batch_size}, .* 3 x 4 = 12.* set batch_size to 12"
        ):
            IdentityBatchHook().before_train(runner(batch_size))


def test_the_halves_of_a_batch_of_two_modalities():
    dataset = SimpleNamespace(modalities=["rgb", "ir"] * 6)
    sampler = ModalityBalancedBatchSampler(dataset, 3, rgb_views=2, seed=0)
    IdentityBatchHook().before_train(runner(9, sampler))
    with pytest.raises(ConfigError, match="3 x 2 visible . 3 infrared = 9"):
        IdentityBatchHook().before_train(runner(6, sampler))
