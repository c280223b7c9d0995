"""The same training in one process, on two ranks, and in accumulated halves."""

import pytest
import torch
from torch.testing import assert_close

from tests.distributed import run_two_ranks
from tests.test_models.test_selfsup.rank_steps import train

CLOSE = dict(atol=1e-5, rtol=1e-5)


@pytest.fixture(scope="module")
def whole():
    return train(None)


def check_state(state, want):
    for name, value in want.items():
        # attention ignores the bias of its keys: their gradient is rounding alone
        if not name.endswith("qkv.bias"):
            assert_close(state[name], value, **CLOSE, msg=lambda m, n=name: f"{n}: {m}")


def test_it_trains(whole):
    losses = whole["losses"]
    assert losses.isfinite().all() and (losses[0] != losses[-1]).all()
    start = train.__globals__["small_model"](momentum=0.9).state_dict()
    for name in ("teacher.backbone.cls_token", "class_center.center"):
        assert (whole["state"][name] - start[name]).abs().max() > 1e-4
    center = whole["state"]["patch_center.center"]
    assert center.abs().max() > 1e-4


def test_two_ranks(whole):
    first, second = run_two_ranks(train)
    assert_close((first["losses"] + second["losses"]) / 2, whole["losses"], **CLOSE)
    for name, value in first["state"].items():
        assert torch.equal(value, second["state"][name]), name  # no drift
    check_state(first["state"], whole["state"])


def test_accumulated_halves(whole):
    halves = train(None, parts=2)
    assert_close(halves["losses"], whole["losses"], **CLOSE)
    check_state(halves["state"], whole["state"])
