import copy

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from mmpsearch.models.heads import PrototypeHead
from mmpsearch.models.heads.prototype_head import WeightNormLinear
from tests.test_models.reid_golden import golden_arrays, golden_keys, key_fill

CLOSE = dict(atol=2e-5, rtol=1e-4)


def test_public_head():
    data = golden_arrays("vit_forward")
    head = PrototypeHead(32, 48, hidden=64, bottleneck=16, shared=False)
    state = {}
    for key, value in head.state_dict().items():
        full = f"head.{key}"
        if key.endswith("weight_g"):
            state[key] = 1 + 0.1 * key_fill(full, value.shape, 1)
        else:
            state[key] = key_fill(full, value.shape, 0.4)
    head.load_state_dict(state)
    tokens = key_fill("tokens", (3, 9, 32), 2)
    classes, patches = head(tokens)
    found = {
        k.removeprefix("ibot_head/"): v for k, v in data.items() if "ibot_head" in k
    }
    assert_close(classes, found["cls"], **CLOSE)
    assert_close(patches, found["patch"], **CLOSE)


@pytest.mark.parametrize("shared", [True, False])
def test_names_are_the_public_ones(shared):
    head = PrototypeHead(384, 8192, shared=shared)
    keys = golden_keys(f"ibot_head_384_8192_shared{int(shared)}")
    assert {k: list(v.shape) for k, v in head.state_dict().items()} == keys
    number = len(list(head.parameters()))
    assert number == 8 if shared else 10


def test_as_torch_weight_norm():
    torch.manual_seed(0)
    ours = WeightNormLinear(4, 6)
    with torch.no_grad():
        ours.weight_g.uniform_(0.5, 2)
    theirs = nn.utils.parametrizations.weight_norm(nn.Linear(4, 6, bias=False))
    theirs.parametrizations.weight.original0.data = ours.weight_g.data.clone()
    theirs.parametrizations.weight.original1.data = ours.weight_v.data.clone()
    x = torch.randn(3, 4)
    assert_close(ours(x), theirs(x))
    assert_close(copy.deepcopy(ours)(x), ours(x))


def test_fixed_length():
    head = PrototypeHead(8, 16, hidden=8, bottleneck=4, fixed_length=True)
    assert not head.last_layer.weight_g.requires_grad
    logits, _ = head(torch.randn(2, 3, 8))
    assert logits.abs().max() <= 1 + 1e-6  # products of unit vectors


def test_shared_prototypes_have_one_number():
    with pytest.raises(ValueError, match="set shared=False"):
        PrototypeHead(8, 16, patch_prototypes=32)


def test_no_patches():
    head = PrototypeHead(8, 16, hidden=8, bottleneck=4)
    assert head.patch_logits(head.bottleneck(torch.zeros(0, 8))).shape == (0, 16)
