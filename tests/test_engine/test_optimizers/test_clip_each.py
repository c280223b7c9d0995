import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.config import Config
from torch.testing import assert_close

from mmpsearch.engine.optimizers import ClipEachAmpOptimWrapper, ClipEachOptimWrapper
from mmpsearch.engine.optimizers.clip_each import clip_each
from mmpsearch.registry import OPTIM_WRAPPERS


def parameter(gradient):
    made = torch.nn.Parameter(torch.zeros(len(gradient)))
    made.grad = torch.tensor(gradient)
    return made


def test_each_by_its_own_norm():
    long, short = parameter([3.0, 4.0]), parameter([0.3, 0.4])
    without = torch.nn.Parameter(torch.zeros(1))
    clip_each([long, short, without], max_norm=1.0)
    assert_close(long.grad, torch.tensor([0.6, 0.8]), atol=1e-6, rtol=1e-6)
    assert_close(short.grad, torch.tensor([0.3, 0.4]))
    assert without.grad is None


def test_no_gradient_at_all():
    clip_each([torch.nn.Parameter(torch.zeros(1))], 1.0)


@pytest.mark.parametrize("wrapper", [ClipEachOptimWrapper, ClipEachAmpOptimWrapper])
def test_wrappers_clip_before_the_step(wrapper, monkeypatch):
    if wrapper is ClipEachAmpOptimWrapper:  # its constructor asks for a GPU
        monkeypatch.setattr(
            "mmengine.optim.optimizer.amp_optimizer_wrapper.is_cuda_available",
            lambda: True,
        )
    a, b = torch.nn.Parameter(torch.zeros(2)), torch.nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([dict(params=[a]), dict(params=[b])], lr=1.0)
    wrapped = wrapper(optimizer=optimizer, clip_grad=dict(max_norm=1.0))
    wrapped.update_params((a * torch.tensor([30.0, 40.0])).sum() + 0.1 * b.sum())
    assert_close(a.detach(), torch.tensor([-0.6, -0.8]), atol=1e-5, rtol=1e-5)
    assert_close(b.detach(), torch.tensor([-0.1, -0.1]))


@pytest.mark.parametrize(
    "given, made",
    [
        ("mmpsearch.ClipEachOptimWrapper", "mmpsearch.ClipEachAmpOptimWrapper"),
        ("mmengine.OptimWrapper", "mmengine.AmpOptimWrapper"),
        (None, "mmengine.AmpOptimWrapper"),
    ],
)
def test_the_option_amp_keeps_the_clipping(given, made):
    tool = runpy.run_path(str(Path(__file__).parents[3] / "tools" / "train.py"))
    apply_options = tool["apply_options"]
    apply_options.__globals__["is_cuda_available"] = lambda: True
    wrapper = dict(optimizer=dict(type="SGD", lr=1.0))
    config = Config(dict(optim_wrapper=wrapper | (dict(type=given) if given else {})))
    options = SimpleNamespace(amp="fp16", auto_scale_lr=False, resume=None)
    apply_options(config, options)
    assert config.optim_wrapper.type == made
    assert OPTIM_WRAPPERS.get(made) is not None
