"""SPNet with Swin-B from public weights, against a slow Swin and torchvision's."""

import pytest
import torch
import torchvision
from torch.testing import assert_close
from torchvision.ops import roi_align

from mmpsearch.models.converters.spnet import convert_spnet
from mmpsearch.models.person_search.spnet.structures import Features
from tests.test_models import slow_swin
from tests.test_models.golden import public_keys
from tests.test_models.test_person_search.test_spnet.spnet_reference import (
    build,
    image,
    public_state,
)
from tests.test_models.test_person_search.test_spnet.test_golden_inference import oim

HEADS = [4, 8, 16, 32]
VARIANT = "spnet_l_swin_b"
TABLES = {"head.reid_loss.lut": 10, "head.reid_loss.cq": 12}


@pytest.fixture(scope="module")
def swin():
    """The model, and the public state dict without what nothing reads."""
    shapes = public_keys()["shapes"][VARIANT]
    light = {key: torch.ones(()).expand(shape) for key, shape in shapes.items()}
    _, report = convert_spnet(light)
    gains = [(f"align_emb_loc_head.{t}.head.weight", 0.71) for t in (1, 2)]
    state = public_state(VARIANT, gains, TABLES, without=report.ignored)
    return build("spnet-l_swin-b.py", {"reid_loss": oim(2048)}, state).eval(), state


def part(state, prefix):
    return {
        key.removeprefix(prefix): value
        for key, value in state.items()
        if key.startswith(prefix)
    }


@torch.inference_mode()
def test_stages(swin):
    model, state = swin
    pixels = image("spnet/image0", 96, 128)
    slow = slow_swin.outputs(part(state, "backbone.swin."), pixels, HEADS, 0.6)
    for ours, expected in zip(model.extract(pixels[None]).stages, slow, strict=True):
        assert_close(ours[0], expected, rtol=1e-3, atol=1e-4)


@torch.inference_mode()
def test_box_embedders(swin):
    """Averages over the box and over the stage's output, then the linear layers."""
    model, state = swin
    level = torch.randn(1, 512, 16, 16, generator=torch.Generator().manual_seed(0))
    features = Features((), (level,), (128, 128))
    boxes, index = torch.tensor([[3.0, 9.0, 104.0, 120.0]]), torch.tensor([0])
    (region,) = roi_align(level, [boxes], (14, 14), 1 / 8, 2)
    for prefix, embedder in (
        ("head.align_emb_head.", model.box_embedder),
        ("head.align_emb_loc_head.1.", model.detection_embedders[0]),
        ("head.align_emb_loc_head.2.", model.detection_embedders[1]),
    ):
        own = part(state, prefix)
        stage = part(own, "emb_head.swin.")
        after = slow_swin.last_stage(stage, region, HEADS[3], 0.6).mean(dim=(1, 2))
        if "head.weight" in own:
            expected = own["head.weight"] @ after
        else:
            before = region.mean(dim=(1, 2))
            expected = torch.cat(
                [
                    projected(part(own, f"nae_head.projectors.{name}."), vector)
                    for name, vector in (("feat_res4", before), ("feat_res5", after))
                ]
            )
        result = embedder(features, boxes, index)[0]
        assert_close(result, expected, rtol=1e-3, atol=1e-4)


def projected(state, vector):
    """Linear layer, then a batch norm with running statistics."""
    out = state["0.weight"] @ vector + state["0.bias"]
    return (out - state["1.running_mean"]) / (state["1.running_var"] + 1e-5).sqrt()


@torch.inference_mode()
def test_torchvision_s_swin():
    """A backbone which the public code offers and no published row uses."""
    state = public_state("spnet_s_torchvision_swin_b", sizes=TABLES)
    changes = {
        "backbone": {"type": "mmpsearch.TorchvisionSwin", "arch": "swin_b"},
        "neck": {"in_channels": [256, 512, 1024], "out_channels": 512},
        "anchor_embedder": {"in_channels": 512},
        "reid_loss": oim(128),
    }
    model = build("spnet-s_convnext-t.py", changes, state).eval()
    theirs = torchvision.models.swin_b(weights=None).features.eval()
    load(theirs, part(state, "backbone.body."))
    pixels = image("spnet/image0", 96, 128)[None]
    stages, x = model.extract(pixels).stages, pixels
    for position, layer in enumerate(theirs):
        x = layer(x)
        if position in (3, 5, 7):
            assert_close(stages[position // 2 - 1], x.permute(0, 3, 1, 2))
    last = torch.nn.Sequential(*theirs[6:])
    load(last, part(state, "head.align_emb_head.emb_head.head."))
    regions = torch.randn(2, 512, 14, 14, generator=torch.Generator().manual_seed(0))
    expected = last(regions.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    assert_close(model.box_embedder.stage(regions), expected)


def load(module, state):
    """Load all but the computed indices."""
    own = module.state_dict()
    indices = {k: v for k, v in own.items() if k.endswith("relative_position_index")}
    module.load_state_dict({**state, **indices}, strict=True)
