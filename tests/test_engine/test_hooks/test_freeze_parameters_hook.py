from types import SimpleNamespace

import pytest
import torch
from torch import nn

from mmpsearch.engine.hooks import FreezeParametersHook


def make_runner():
    torch.manual_seed(0)
    model = nn.ModuleDict(dict(backbone=nn.Linear(2, 2), head=nn.Linear(2, 1)))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1, weight_decay=0.1)
    wrapper = SimpleNamespace(optimizer=optimizer)
    return SimpleNamespace(model=model, optim_wrapper=wrapper, epoch=0)


def train_epoch(runner):
    """One step; which parts it changed."""
    before = {n: p.detach().clone() for n, p in runner.model.named_parameters()}
    model = runner.model
    model["head"](model["backbone"](torch.ones(3, 2))).sum().backward()
    runner.optim_wrapper.optimizer.step()
    runner.optim_wrapper.optimizer.zero_grad()
    runner.epoch += 1
    return {
        name.split(".")[0]
        for name, p in model.named_parameters()
        if not torch.equal(p, before[name])
    }


def test_frozen_for_two_epochs():
    runner, hook = make_runner(), FreezeParametersHook(["backbone."], epochs=2)
    changed = []
    for _ in range(3):
        hook.before_train_epoch(runner)
        changed.append(train_epoch(runner))
    assert changed == [{"head"}, {"head"}, {"head", "backbone"}]


def test_a_resumed_run_is_thawed_in_time():
    runner, hook = make_runner(), FreezeParametersHook(["backbone."], epochs=2)
    runner.epoch = 2
    hook.before_train_epoch(runner)
    assert train_epoch(runner) == {"head", "backbone"}


def test_unknown_prefix_is_refused():
    with pytest.raises(ValueError, match="prefix 'neck.' fits no parameter"):
        FreezeParametersHook(["neck."], epochs=1).before_train_epoch(make_runner())
