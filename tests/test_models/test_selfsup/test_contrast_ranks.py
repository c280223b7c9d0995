"""The same UP-ReID training in one process and on two ranks."""

import pytest
import torch
from mmengine.model import MMDistributedDataParallel
from mmengine.optim import build_optim_wrapper
from torch.testing import assert_close

from mmpsearch.engine.hooks import TrainingProgressHook
from tests.distributed import run_two_ranks
from tests.test_models.test_selfsup.rank_steps import Runner
from tests.test_models.test_selfsup.small_contrast import contrast_model, contrast_views

CLOSE = dict(atol=1e-10, rtol=1e-10)
SYNCHRONISED = dict(type="mmpsearch.SafeBatchNorm2d")


def train(rank, norm, steps=3):
    """Batches of 4; a rank takes half of each. The queue of 11 wraps around.

    In float64: three steps enlarge the rounding of float32.
    """
    model = contrast_model(momentum=0.9, gather_similarities=True, key_groups=1, **norm)
    model.double()
    torch.manual_seed(100 + (rank or 0))  # rank 0 decides on the shuffling
    trained = model if rank is None else MMDistributedDataParallel(model)
    wrapper = build_optim_wrapper(
        model,
        dict(type="OptimWrapper", optimizer=dict(type="SGD", lr=0.05, momentum=0.9)),
    )
    runner, hook, losses = Runner(trained, wrapper), TrainingProgressHook(), []
    for step in range(steps):
        rows = slice(None) if rank is None else slice(2 * rank, 2 * rank + 2)
        views = [v[rows].double() for v in contrast_views(batch=4, seed=step)]
        hook.before_train_iter(runner, 0)
        named = trained(views, mode="loss")
        kept = {k: v for k, v in named.items() if "loss" in k}
        wrapper.update_params(sum(kept.values()))
        hook.after_train_iter(runner, 0)
        runner.iter += 1
        losses.append(torch.stack(list(kept.values())).detach())
    return dict(losses=torch.stack(losses), state=model.state_dict())


@pytest.mark.parametrize("norm", [{}, dict(norm=SYNCHRONISED)], ids=["group", "batch"])
def test_two_ranks(norm):
    whole = train(None, norm)
    first, second = run_two_ranks(train, norm)
    assert (whole["losses"][0] != whole["losses"][-1]).all()
    assert_close((first["losses"] + second["losses"]) / 2, whole["losses"], **CLOSE)
    assert int(whole["state"]["bank.pointer"]) == 1
    for name, value in whole["state"].items():
        assert torch.equal(first["state"][name], second["state"][name]), name
        if not name.endswith("num_batches_tracked"):
            assert_close(first["state"][name], value, **CLOSE)
