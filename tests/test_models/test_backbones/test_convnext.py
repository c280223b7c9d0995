"""ConvNeXt's stages equal torchvision's."""

import pytest
import torch
from torchvision.models import convnext_tiny

from mmpsearch.models.backbones import ConvNeXt
from mmpsearch.models.converters.convnext import convert_convnext


@pytest.fixture(scope="module")
def pair():
    torch.manual_seed(0)
    theirs = convnext_tiny(weights=None).eval()
    with torch.no_grad():  # as drawn, 1e-6 would hide the blocks
        for name, parameter in theirs.named_parameters():
            if name.endswith("layer_scale"):
                parameter.uniform_(0.1, 0.5)
    converted, report = convert_convnext(theirs.state_dict())
    assert not report.unmatched
    ours = ConvNeXt(arch="tiny", out_indices=(0, 1, 2, 3))
    loaded = ours.load_state_dict(
        {key.removeprefix("backbone."): value for key, value in converted.items()},
        strict=False,
    )
    assert not loaded.missing_keys  # and the classifier is not needed
    ours.eval()
    return ours, theirs.features


@torch.inference_mode()
def test_outputs_are_torchvisions_block_outputs(pair):
    ours, theirs = pair
    x = torch.randn(1, 3, 64, 96)
    outputs = ours(x)
    for position, layer in enumerate(theirs):
        x = layer(x)
        if position % 2:
            result = outputs[position // 2]
            torch.testing.assert_close(result, x, rtol=1e-4, atol=1e-4)


def test_stochastic_depth_grows_linearly_as_in_torchvision(pair):
    _, theirs = pair
    ours = ConvNeXt(arch="tiny", drop_path_rate=0.1)
    rates = [
        getattr(block.drop_path, "drop_prob", 0.0)
        for stage in ours.stages
        for block in stage
    ]
    expected = [block.stochastic_depth.p for stage in theirs[1::2] for block in stage]
    assert rates == pytest.approx(expected)
    assert rates[-1] == pytest.approx(0.1)


def test_nothing_is_normalised_or_frozen(pair):
    ours = ConvNeXt(arch={"depths": [1, 1, 1, 1], "channels": [4, 8, 12, 16]})
    assert not any("norm" in key.split(".")[0] for key in ours.state_dict())
    outputs = ours(torch.randn(1, 3, 64, 64))
    assert [tuple(o.shape[1:]) for o in outputs] == [(8, 8, 8), (12, 4, 4), (16, 2, 2)]
    sum(o.sum() for o in outputs).backward()
    assert all(p.grad is not None for p in ours.parameters())
