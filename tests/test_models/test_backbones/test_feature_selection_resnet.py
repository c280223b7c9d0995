import torch
from torch.testing import assert_close

from mmpsearch.models.backbones import FeatureSelectionResNet, TwoStreamResNet

SMALL = dict(depth=18, stem_channels=8, base_channels=4)


def test_starts_as_the_two_stream_network():
    torch.manual_seed(0)
    model = FeatureSelectionResNet(**SMALL)
    model.init_weights()  # must leave the cells keeping everything
    plain = TwoStreamResNet(**SMALL)
    missing = plain.load_state_dict(model.state_dict(), strict=False)
    assert all(key.startswith("cells.") for key in missing.unexpected_keys)
    x, modalities = torch.randn(2, 3, 48, 24), torch.tensor([0, 1])
    assert_close(model.eval()(x, modalities), plain.eval()(x, modalities))


def test_cells_learn():
    model = FeatureSelectionResNet(**SMALL).train()
    model(torch.randn(4, 3, 48, 24), torch.tensor([0, 0, 1, 1]))[0].sum().backward()
    assert all(p.grad is not None for p in model.cells.parameters())
