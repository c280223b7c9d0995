import torch
from torch.testing import assert_close

from mmpsearch.models.reid.epoch_loss_weight import EpochLossWeight
from tests.distributed import run_two_ranks


def run(module, epoch, losses):
    for loss in losses:
        module.start_iteration(epoch)
        module.follow(torch.tensor(loss))
    return float(module.weight)


def test_weight_follows_the_previous_epoch():
    module = EpochLossWeight()
    assert run(module, 0, [2.0, 4.0]) == 0
    assert run(module, 1, [1.0]) == 0.25  # 1 / (1 + 3)
    assert run(module, 2, [7.0]) == 0.5


def test_resumed_in_the_middle_of_an_epoch():
    whole, first, second = EpochLossWeight(), EpochLossWeight(), EpochLossWeight()
    run(whole, 0, [2.0, 4.0])
    run(first, 0, [2.0])
    second.load_state_dict(first.state_dict())
    run(second, 0, [4.0])
    assert run(second, 1, [0.0]) == run(whole, 1, [0.0]) == 0.25


def on_rank(rank):
    module = EpochLossWeight()
    run(module, 0, [1.0, 5.0] if rank else [3.0, 3.0])
    module.start_iteration(1)
    return module.weight


def test_ranks_share_the_mean():
    for weight in run_two_ranks(on_rank):
        assert_close(weight, torch.tensor(0.25))
