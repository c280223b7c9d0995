import numpy as np
import pytest
import torch
from torch.testing import assert_close

from mmpsearch.engine.schedulers import WarmupCosineLR
from tests.test_models.reid_golden import golden_arrays


@pytest.mark.parametrize("warmup", [20, 5])
def test_public_fine_tuning(warmup):
    golden = golden_arrays("finetune_lr")
    weight, bias = (
        torch.nn.Parameter(torch.zeros(1)),
        torch.nn.Parameter(torch.zeros(1)),
    )
    groups = [dict(params=[weight], lr=4e-4), dict(params=[bias], lr=8e-4)]
    optimizer = torch.optim.SGD(groups)
    scheduler = WarmupCosineLR(
        optimizer, 120, warmup, start=4e-6, minimum=8e-7, prefix=False
    )
    rates = []
    for _ in range(120):
        rates.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    weights, biases = np.array(rates).T
    for name, got in (("weight", weights), ("bias", biases)):
        want = golden[f"warm{warmup}/{name}_lr_epoch1..120"].numpy()
        assert_close(got, want, rtol=1e-6, atol=1e-12)
