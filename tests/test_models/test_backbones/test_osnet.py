import pytest
import torch
from torch import nn

from mmpsearch.models.backbones import OSNet
from mmpsearch.models.backbones.osnet import AggregationGate, OmniScaleBlock


@pytest.mark.parametrize(
    ("width", "parameters"),  # of the whole network in the paper's table: 2.2, 1.3, …
    [(1.0, 2.17e6), (0.75, 1.29e6), (0.5, 0.63e6), (0.25, 0.2e6)],
)
def test_the_sizes_are_the_paper_s(width, parameters):
    model = OSNet(width)
    inner = int(512 * width)
    whole = sum(p.numel() for p in model.parameters()) + (inner + 3) * 512
    assert abs(whole / parameters - 1) < 0.02
    (features,) = model(torch.zeros(2, 3, 256, 128))
    assert features.shape == (2, inner, 16, 8)


def test_the_gate_weighs_channels_by_a_stream_s_mean():
    gate = AggregationGate(32)
    x = torch.randn(2, 32, 4, 3)
    hidden = (gate.squeeze.weight[:, :, 0, 0] @ x.mean((2, 3)).T).T + gate.squeeze.bias
    logits = hidden.relu() @ gate.excite.weight[:, :, 0, 0].T + gate.excite.bias
    wanted = x * torch.sigmoid(logits)[:, :, None, None]
    torch.testing.assert_close(gate(x), wanted)


def test_streams_see_as_far_as_their_depth():
    """The stream of depth d reaches d pixels away: 3, 5, 7 and 9 pixels wide."""
    block = OmniScaleBlock(64, 64, "").eval()
    for depth, stream in enumerate(block.streams, start=1):
        x = torch.zeros(1, 16, 11, 11, requires_grad=True)
        for layer in stream.modules():
            if isinstance(layer, nn.ReLU):
                layer.forward = lambda value: value  # no path is closed
        stream(x)[0, 0, 5, 5].backward()
        reached = x.grad[0].abs().sum(0) > 0
        rows = reached.any(1).nonzero().flatten()
        assert (rows.min(), rows.max()) == (5 - depth, 5 + depth)


@pytest.mark.parametrize(("norms", "number"), [("batch", 0), ("ibn", 3), ("ain", 5)])
def test_instance_norms(norms, number):
    model = OSNet(0.25, norms)
    found = [m for m in model.modules() if isinstance(m, nn.InstanceNorm2d)]
    assert len(found) == number
    loss = model(torch.randn(2, 3, 64, 32))[0].square().mean()
    loss.backward()
    assert all(p.grad is not None for p in model.parameters())


def test_unknown_norms():
    with pytest.raises(ValueError, match="norms is 'in', not one of batch, ibn, ain"):
        OSNet(norms="in")
