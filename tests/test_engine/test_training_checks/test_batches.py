from types import SimpleNamespace

import numpy as np
import pytest
from torch import nn
from torch.utils.data import DataLoader, RandomSampler

from mmpsearch.datasets import (
    CrossModalityIdentityBatchSampler,
    IdentitySampler,
    ModalityBalancedBatchSampler,
)
from mmpsearch.engine.training_checks import check_batch_size, check_epoch, check_pairs
from mmpsearch.errors import ConfigError
from mmpsearch.models.losses import CenterLoss, CircleLoss, TripletLoss
from mmpsearch.models.training_facts import TrainingFacts

PEOPLE = SimpleNamespace(
    person_ids=np.repeat(np.arange(5), 4), modalities=["rgb", "ir"] * 10
)
NOTHING = TrainingFacts()


def loader(batch_size, sampler, **options):
    return DataLoader(range(20), batch_size=batch_size, sampler=sampler, **options)


def test_an_epoch_has_a_batch():
    check_epoch(loader(20, RandomSampler(range(20)), drop_last=True), NOTHING)
    with pytest.raises(ConfigError, match="gets 20 samples, batches have 21 and"):
        check_epoch(loader(21, RandomSampler(range(20)), drop_last=True), NOTHING)


def test_a_batch_must_be_p_times_k():
    check_batch_size(loader(12, IdentitySampler(PEOPLE, 3, 4, seed=0)), NOTHING)
    check_batch_size(loader(7, RandomSampler(range(20))), NOTHING)
    for batch_size in (6, 13, 24):
        with pytest.raises(
            ConfigError, match=rf"is {batch_size}, .* 3 x 4 = 12.* set batch_size to 12"
        ):
            check_batch_size(
                loader(batch_size, IdentitySampler(PEOPLE, 3, 4, seed=0)), NOTHING
            )


def test_the_halves_of_a_batch_of_two_modalities():
    sampler = ModalityBalancedBatchSampler(PEOPLE, 3, rgb_views=2, seed=0)
    check_batch_size(loader(9, sampler), NOTHING)
    with pytest.raises(ConfigError, match="3 x 2 visible . 3 infrared = 9"):
        check_batch_size(loader(6, sampler), NOTHING)


class Model(TrainingFacts, nn.ModuleDict):
    """Some losses."""


@pytest.mark.parametrize("loss", [TripletLoss, CircleLoss])
@pytest.mark.parametrize(
    "people, pictures, message",
    [
        (1, 4, r"one person \(num_identities=1\).* {} would always be 0; set"),
        (
            4,
            1,
            r"one picture of each person \(num_instances=1\).* {} would always be 0",
        ),
    ],
)
def test_a_loss_of_pairs_needs_pairs(loss, people, pictures, message):
    sampler = IdentitySampler(PEOPLE, people, pictures, seed=0)
    batches = loader(people * pictures, sampler)
    with pytest.raises(ConfigError, match=message.format(loss.__name__)):
        check_pairs(batches, Model({"metric": loss()}))
    check_pairs(batches, Model({"center": CenterLoss(5, 8)}))
    check_pairs(loader(8, IdentitySampler(PEOPLE, 4, 2)), Model({"metric": loss()}))
    check_pairs(loader(8, RandomSampler(range(20))), Model({"metric": loss()}))


def test_one_picture_of_each_modality_is_a_pair():
    sampler = CrossModalityIdentityBatchSampler(PEOPLE, 2, 1, seed=0)
    check_pairs(loader(4, sampler), Model({"metric": TripletLoss()}))
    sampler = CrossModalityIdentityBatchSampler(PEOPLE, 1, 2, seed=0)
    with pytest.raises(ConfigError, match="batches of one person"):
        check_pairs(loader(4, sampler), Model({"metric": TripletLoss()}))
