import math

import pytest
import torch
from mmpretrain.models import SwinTransformer
from torch.testing import assert_close

from mmpsearch.models.backbones import SemanticSwin

ARCH = dict(embed_dims=24, depths=[1, 1, 1, 1], num_heads=[1, 2, 4, 8])


@torch.no_grad()
def test_equals_plain_swin_where_the_semantics_are_neutral():
    plain = SwinTransformer(ARCH, out_indices=(1, 3), pad_small_map=True)
    plain.eval()  # returns nothing
    model = SemanticSwin(ARCH, out_indices=(1, 3)).eval()
    model.load_state_dict(plain.state_dict(), strict=False)
    one = math.log(math.e - 1)  # softplus of it is 1
    for layer in model.semantic_embed_w:
        layer.bias.fill_(one)
    x = torch.randn(2, 3, 96, 64)
    for got, want in zip(model(x), plain(x), strict=True):
        assert_close(got, want, atol=1e-5, rtol=1e-4)
    assert model(x)[1].shape == (2, 192, 3, 2)


@torch.no_grad()
def test_semantics_scale_and_shift_the_next_stage():
    torch.manual_seed(0)
    model = SemanticSwin(ARCH, semantic_weight=0.25, out_indices=(0, 3)).eval()
    model.semantic_embed_w[0].weight.normal_()
    model.semantic_embed_b[0].weight.normal_()
    seen = {}
    model.stages[0].downsample.register_forward_hook(
        lambda _, __, out: seen.update(before=out[0])
    )
    model.stages[1].register_forward_pre_hook(
        lambda _, args: seen.update(after=args[0])
    )
    model(torch.randn(1, 3, 64, 32))
    weights = torch.tensor([0.25, 0.75])
    scale = (1 + (model.semantic_embed_w[0].weight @ weights).exp()).log()
    want = seen["before"] * scale + model.semantic_embed_b[0].weight @ weights
    assert_close(seen["after"], want)


def test_wrong_weight_is_refused():
    with pytest.raises(ValueError, match="semantic_weight must be in 0..1"):
        SemanticSwin(ARCH, semantic_weight=2)
