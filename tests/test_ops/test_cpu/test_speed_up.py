"""The pass over a built model: what it changes, and what it must not."""

import copy
from collections import Counter

import pytest
import torch
from mmpretrain.models import ConvNeXt as MMPretrainConvNeXt
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from mmpsearch.errors import UserError
from mmpsearch.models.backbones import ConvNeXt
from mmpsearch.models.layers.momentum_encoder import MomentumEncoder
from mmpsearch.ops.cpu import SWITCH, convnext, convolution, speed_up_on_cpu
from mmpsearch.registry import MODELS
from tests.test_models.tiny_spnet import gradients, scene, tiny_spnet, train_step

BATCHES = [(1, 3, 900, 1500), (8, 3, 1024, 1024)]


class CountOperations(TorchDispatchMode):
    """How often PyTorch is asked to run a kernel."""

    def __init__(self):
        super().__init__()
        self.counts = Counter()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.counts[str(function)] += 1
        return function(*args, **(kwargs or {}))


def operations(model, x):
    with CountOperations() as counter:
        model(x)
    return counter.counts.total()


@pytest.mark.parametrize("shape", BATCHES)
def test_a_plain_convnext_costs_what_mmpretrains_does(shape):
    ours = ConvNeXt(arch="tiny", out_indices=(3,)).to("meta")
    theirs = MMPretrainConvNeXt(
        "tiny",
        norm_cfg={"type": "mmpsearch.ChannelNorm"},  # LN2d copies four maps
        gap_before_final_norm=False,
    ).to("meta")
    theirs.norm3 = nn.Identity()
    assert speed_up_on_cpu(ours) == 0  # no parameter is on a CPU
    x = torch.empty(shape, device="meta", requires_grad=True)
    with torch.no_grad():
        channels_last = x.contiguous(memory_format=torch.channels_last)
        assert operations(ours, x) == 305 == operations(theirs, channels_last) + 1
    assert operations(ours, x) == 305


@pytest.mark.parametrize("shape", BATCHES)
def test_so_does_its_momentum_encoder(shape):
    backbone = ConvNeXt(arch="tiny").to("meta")
    average = MomentumEncoder({"backbone": backbone}).module["backbone"]
    with torch.no_grad():
        assert operations(average, torch.empty(shape, device="meta")) == 305


@pytest.fixture
def nothing_too_small(monkeypatch):
    monkeypatch.setattr(convolution, "MIN_CHANNELS", 1)
    monkeypatch.setattr(convolution, "MIN_CELLS", 1)
    monkeypatch.setattr(convnext, "POSITIONS_AT_ONCE", 7)


@pytest.mark.usefixtures("nothing_too_small")
def test_a_whole_model_learns_the_same():
    inputs, samples = scene()
    plain = tiny_spnet()
    fast = copy.deepcopy(plain)
    changed = speed_up_on_cpu(fast)
    # pyramid and anchor embedder; blocks of backbone and box embedder; its RoIAlign
    assert changed == (3 + 1) + (4 + 1) + 1
    assert speed_up_on_cpu(fast) == 0  # once is enough
    losses = train_step(plain, inputs, samples), train_step(fast, inputs, samples)
    torch.testing.assert_close(*losses, rtol=1e-4, atol=1e-5)
    expected, found = gradients(plain), gradients(fast)
    assert expected.keys() == found.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-3, atol=1e-5)


@pytest.mark.usefixtures("nothing_too_small")
def test_a_whole_model_finds_the_same_and_its_checkpoints_fit():
    inputs, samples = scene()
    plain, fast = tiny_spnet(seed=0).eval(), tiny_spnet(seed=1).eval()
    speed_up_on_cpu(fast)
    assert plain.state_dict().keys() == fast.state_dict().keys()
    fast.load_state_dict(plain.state_dict())
    results = [model.predict(inputs, copy.deepcopy(samples)) for model in (plain, fast)]
    with torch.no_grad():
        results.append(fast.predict(inputs, copy.deepcopy(samples)))
    for one, *others in zip(*results, strict=True):
        assert len(one.pred_instances.bboxes)
        for other in others:
            for field in ("bboxes", "scores", "embeddings"):
                torch.testing.assert_close(
                    other.pred_instances[field],
                    one.pred_instances[field],
                    rtol=1e-3,
                    atol=1e-3,
                )
    again = tiny_spnet(seed=2)
    again.load_state_dict(fast.state_dict())


def test_a_switch_leaves_models_plain(monkeypatch):
    monkeypatch.setenv(SWITCH, "0")
    model = tiny_spnet()
    kinds = [type(module) for module in model.modules()]
    assert speed_up_on_cpu(model) == 0
    assert kinds == [type(module) for module in model.modules()]
    monkeypatch.setenv(SWITCH, "no")
    with pytest.raises(UserError, match=f"{SWITCH} must be 0 or 1, got 'no'"):
        speed_up_on_cpu(model)


def test_a_subclass_is_left_alone():
    class Own(nn.Conv2d):
        pass

    assert speed_up_on_cpu(Own(256, 256, 3, padding=1)) == 0


def test_a_changed_model_can_be_traced():
    model = nn.Sequential(nn.Conv2d(128, 128, 3, padding=1))
    assert speed_up_on_cpu(model) == 1
    traced = torch.jit.trace(model, torch.rand(1, 128, 32, 32))
    x = torch.rand(1, 128, 40, 40)
    torch.testing.assert_close(traced(x), model(x), rtol=1e-4, atol=1e-5)
    assert "aten::_convolution" in str(traced.inlined_graph)


def test_the_old_convolution_of_configs_is_a_plain_one():
    config = {"type": "mmdet.FPN", "in_channels": [8], "out_channels": 8, "num_outs": 1}
    with pytest.warns(FutureWarning, match="leave out conv_cfg"):
        old = MODELS.build({**config, "conv_cfg": {"type": "mmpsearch.FastConv2d"}})
    new = MODELS.build(config)
    assert [type(m) for m in old.modules()] == [type(m) for m in new.modules()]
    new.load_state_dict(old.state_dict())
