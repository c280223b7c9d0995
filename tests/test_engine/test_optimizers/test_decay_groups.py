import pytest
import torch
from torch import nn

from mmpsearch.engine.optimizers import DecayGroupsConstructor
from mmpsearch.registry import OPTIM_WRAPPER_CONSTRUCTORS

OPTIMIZER = dict(type="SGD", lr=0.1, weight_decay=0.5)


def test_what_decays():
    model = nn.ModuleDict(dict(a=nn.Linear(2, 3), norm=nn.LayerNorm(3)))
    model.token = nn.Parameter(torch.zeros(1, 1, 4))
    model.fixed = nn.Parameter(torch.zeros(2, 2), requires_grad=False)
    build = OPTIM_WRAPPER_CONSTRUCTORS.get("mmpsearch.DecayGroupsConstructor")
    wrapper = build(dict(optimizer=OPTIMIZER))(model)
    names = {parameter: name for name, parameter in model.named_parameters()}
    decaying, other = wrapper.optimizer.param_groups
    assert {names[p] for p in decaying["params"]} == {"a.weight", "token"}
    assert {names[p] for p in other["params"]} == {"a.bias", "norm.weight", "norm.bias"}
    assert (decaying["weight_decay"], other["weight_decay"]) == (0.5, 0.0)


def test_paramwise_settings_are_refused():
    with pytest.raises(ValueError, match="takes no paramwise_cfg"):
        DecayGroupsConstructor(dict(optimizer=OPTIMIZER), dict(bias_lr_mult=2))
