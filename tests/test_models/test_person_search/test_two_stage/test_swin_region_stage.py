"""SeqNet on SOLIDER's Swin, against the slow one."""

import pytest
import torch
from mmengine.config import Config
from torch.testing import assert_close
from torchvision.ops import roi_align

from mmpsearch.models.backbones import SemanticSwin
from mmpsearch.models.person_search.two_stage.swin_region_stage import SwinRegionStage
from mmpsearch.registry import MODELS
from tests.test_models import slow_swin
from tests.test_models.tiny_two_stage import OIM, RPN, two_stage_scene

ARCH = dict(embed_dims=24, depths=[1, 2, 2, 2], num_heads=[1, 2, 4, 8])
FIRST = {key: v[:3] if isinstance(v, list) else v for key, v in ARCH.items()}


@pytest.fixture(scope="module")
def whole():
    """A network whose semantics, norms and biases matter."""
    torch.manual_seed(0)
    swin = SemanticSwin(ARCH, 0.6, out_indices=(0, 1, 2, 3)).eval()
    with torch.no_grad():
        for parameter in swin.parameters():
            parameter.add_(torch.randn_like(parameter) / 10)
    return swin.state_dict()


def load(module, state):
    found = module.load_state_dict(state, strict=False)
    assert not found.missing_keys  # every weight has its name in the whole network
    return module.eval()


@torch.inference_mode()
def test_backbone_and_stage_are_parts_of_the_whole(whole):
    backbone = load(SemanticSwin(FIRST, 0.6, out_indices=(2,)), whole)
    stage = load(SwinRegionStage(ARCH), whole)
    assert (stage.in_channels, stage.out_channels) == (96, 192)
    pixels = torch.randn(3, 64, 96, generator=torch.Generator().manual_seed(1))
    (level,) = backbone(pixels[None])
    slow = slow_swin.outputs(whole, pixels, ARCH["num_heads"], 0.6)
    assert_close(level[0], slow[1], rtol=1e-4, atol=1e-5)
    boxes = torch.tensor([[3.0, 9.0, 60.0, 60.0], [30, 2, 94, 50]])
    before, after = stage(level, boxes, torch.zeros(2, dtype=torch.int64))
    regions = roi_align(level, [boxes], (14, 14), 1 / 16, 2)
    assert_close(before, regions.mean(dim=(2, 3), keepdim=True))
    for region, got in zip(regions, after, strict=True):
        want = slow_swin.last_stage(whole, region, ARCH["num_heads"][3], 0.6)
        assert_close(got[:, 0, 0], want.mean(dim=(1, 2)), rtol=1e-4, atol=1e-5)


def test_nobody_and_gradients():
    stage = SwinRegionStage(ARCH).train()
    level = torch.randn(1, 96, 4, 6, requires_grad=True)
    nobody = stage(level, torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))
    assert [tuple(each.shape) for each in nobody] == [(0, 96, 1, 1), (0, 192, 1, 1)]
    box, index = torch.tensor([[0.0, 0, 90, 60]]), torch.zeros(1, dtype=torch.int64)
    sum(each.sum() for each in stage(level, box, index)).backward()
    left = [name for name, p in stage.named_parameters() if p.grad is None]
    assert left == [] and level.grad.abs().sum() > 0


def test_seqnet_trains_and_searches():
    """The published config, narrow."""
    path = "configs/_base_/models/seqnet_swin-t.py"
    model = Config.fromfile(path).model
    model.data_preprocessor = None
    model.backbone.update(arch=FIRST, init_cfg=None)
    for stage in (model.search_head.detection_stage, model.search_head.search_stage):
        stage.update(arch=ARCH, init_cfg=None, roi_size=(6, 3))
    model.rpn_head = dict(RPN, in_channels=96)
    model.rpn_head["anchor_generator"] = dict(RPN["anchor_generator"], strides=[16])
    model.reid_loss.update(OIM, embed_dims=256)
    torch.manual_seed(0)
    model = MODELS.build(model)
    inputs, samples = two_stage_scene()
    losses = model.train().loss(inputs, samples)
    total = sum(losses.values())
    total.backward()
    assert torch.isfinite(total)
    stage = model.search_head.search_stage
    assert all(p.grad is not None for p in stage.parameters())
    with torch.no_grad():
        (one, _) = model.eval().predict(*two_stage_scene())
    assert one.pred_instances.embeddings.shape[1] == 256
