"""Modules that were given nothing."""

import torch
from torch import nn

from mmpsearch.models.person_search.spnet.no_rows import output_without_rows


def test_every_trained_parameter_gets_a_zero_gradient():
    module = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Conv2d(3, 5, 1))
    module[2].requires_grad_(False)
    inputs = torch.zeros(0, 2, 8, 8, requires_grad=True)
    out = output_without_rows(module, 5, inputs)
    assert out.shape == (0, 5)
    (out.sum() * 3).backward()
    for parameter in (*module[0].parameters(), *module[1].parameters()):
        assert torch.equal(parameter.grad, torch.zeros_like(parameter))
    assert all(p.grad is None for p in module[2].parameters())
    assert inputs.grad.shape == inputs.shape


def test_infinite_weights_do_not_matter():
    module = nn.Linear(2, 3)
    nn.init.constant_(module.weight, torch.inf)
    output_without_rows(module, 3, torch.zeros(0, 2)).sum().backward()
    assert module.weight.grad.abs().max() == 0


def test_without_parameters():
    out = output_without_rows(nn.ReLU(), 4, torch.zeros(0, 2, dtype=torch.float64))
    assert out.shape == (0, 4)
    assert out.dtype == torch.float64
