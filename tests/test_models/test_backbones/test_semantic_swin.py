import math

import pytest
import torch
import torch.nn.functional as F
from mmpretrain.models import SwinTransformer
from torch.testing import assert_close

from mmpsearch.models.backbones import SemanticSwin
from tests.test_models import slow_swin

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


@torch.no_grad()
@pytest.mark.parametrize("size", [(7, 7), (14, 14), (5, 9), (16, 8)])
@pytest.mark.parametrize("index", [0, 1])
def test_windows_also_shift_on_maps_of_one_window(size, index):
    torch.manual_seed(0)
    arch = {**ARCH, "depths": [2, 1, 1, 1]}
    block = SemanticSwin(arch).eval().stages[0].blocks[index].attn
    block.w_msa.relative_position_bias_table.normal_()
    block.w_msa.qkv.weight.mul_(4)
    assert block.shift_size == (0, 3)[index]
    x = torch.randn(1, *size, 24)
    got = block(x.flatten(1, 2), size).view_as(x)[0]
    state = {f"attn.{key}": value for key, value in block.state_dict().items()}
    expected = slow_swin.attention(state, "attn", x[0], 1, block.shift_size)
    assert_close(got, expected, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_merging_takes_the_four_cells_of_a_channel_together():
    merge = SemanticSwin(ARCH).stages[0].downsample
    x = torch.randn(1, 3, 4, 24)  # three rows: one of zeros follows
    cells = F.pad(x, (0, 0, 0, 0, 0, 1)).view(1, 2, 2, 2, 2, 24)
    cells = cells.permute(0, 1, 3, 5, 2, 4).reshape(1, 4, 96)  # channel, row, column
    got, size = merge(x.flatten(1, 2), (3, 4))
    assert tuple(size) == (2, 2)
    assert_close(got, merge.reduction(merge.norm(cells)))


@torch.no_grad()
def test_last_stage_scales_after_the_merging_and_is_normed():
    torch.manual_seed(0)
    model = SemanticSwin(ARCH, 0.6).eval()
    for layer in (model.semantic_embed_w[2], model.semantic_embed_b[2], model.norm3):
        layer.weight.normal_()
    x = torch.randn(2, 96, 14, 14)
    tokens, size = model.stages[2].downsample(x.flatten(2).transpose(1, 2), (14, 14))
    weights = torch.tensor([0.6, 0.4])
    scale = (1 + (model.semantic_embed_w[2].weight @ weights).exp()).log()
    tokens = tokens * scale + model.semantic_embed_b[2].weight @ weights
    tokens = model.norm3(model.stages[3](tokens, size)[0])
    got = model.last_stage()(x)
    assert got.shape == (2, 192, 7, 7)
    assert_close(got, tokens.transpose(1, 2).view(2, 192, 7, 7))
