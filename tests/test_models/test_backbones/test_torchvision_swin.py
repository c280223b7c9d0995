import pytest
import torch
import torchvision
from torch.testing import assert_close
from torchvision.ops import StochasticDepth

from mmpsearch.models.backbones import TorchvisionSwin


@pytest.fixture(scope="module")
def pair():
    torch.manual_seed(0)
    theirs = torchvision.models.swin_t(weights=None).eval()
    ours = TorchvisionSwin("swin_t").eval()
    unused = ours.load_state_dict(theirs.state_dict(), strict=False).unexpected_keys
    assert {key.split(".")[0] for key in unused} == {"norm", "head"}
    return ours, theirs


@torch.no_grad()
def test_outputs_are_torchvisions_block_outputs(pair):
    ours, theirs = pair
    x = torch.randn(1, 3, 64, 96)
    outputs = ours(x)
    assert [tuple(o.shape[1:]) for o in outputs] == [
        (192, 8, 12),
        (384, 4, 6),
        (768, 2, 3),
    ]
    for index, layer in enumerate(theirs.features):
        x = layer(x)
        if index in (3, 5, 7):
            assert_close(outputs[index // 2 - 1], x.permute(0, 3, 1, 2))


def rates(model):
    return [m.p for m in model.modules() if isinstance(m, StochasticDepth)]


def test_stochastic_depth(pair):
    assert rates(pair[0]) == rates(pair[1])
    assert rates(pair[0])[-1] == pytest.approx(0.2)
    changed = rates(TorchvisionSwin("swin_t", drop_path_rate=0.4))
    assert changed == pytest.approx([2 * rate for rate in rates(pair[1])])


@pytest.mark.parametrize("arch", ["swin3d_t", "resnet50"])
def test_other_architectures_are_refused(arch):
    with pytest.raises(ValueError, match="arch must be torchvision's swin"):
        TorchvisionSwin(arch)
