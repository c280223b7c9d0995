import torch
from torch.testing import assert_close

from mmpsearch.models.backbones.modality_alleviation import ModalityAlleviation


def with_gate(value: float) -> ModalityAlleviation:
    module = ModalityAlleviation(16)
    module.gate[-1].forward = lambda x: torch.full_like(x, value)
    return module


def test_gate_mixes_the_map_and_its_normalised_form():
    x = torch.randn(2, 16, 4, 3) * 3 + 1
    mean, var = x.mean((2, 3), keepdim=True), x.var((2, 3), correction=0, keepdim=True)
    normalised = (x - mean) / (var + 1e-5).sqrt()
    assert_close(with_gate(1.0)(x), x)
    assert_close(with_gate(0.0)(x), normalised, atol=1e-5, rtol=1e-5)
    assert_close(with_gate(0.25)(x), 0.25 * x + 0.75 * normalised, atol=1e-5, rtol=0)


def test_gate_is_by_hand():
    module, x = ModalityAlleviation(16, reduction=8), torch.rand(1, 16, 2, 2)
    first, second = module.gate[1].weight[..., 0, 0], module.gate[3].weight[..., 0, 0]
    want = torch.sigmoid(second @ torch.relu(first @ x.mean((2, 3))[0]))
    assert_close(module.gate(x)[0, :, 0, 0], want)
    assert all(layer.bias is None for layer in (module.gate[1], module.gate[3]))
