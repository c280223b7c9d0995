"""Public SPNet checkpoints: every key of every variant, and ResNet-50 in numbers."""

import json

import pytest
import torch
from mmengine.config import Config
from torchvision.models import resnet50
from torchvision.ops import FeaturePyramidNetwork
from torchvision.ops.feature_pyramid_network import LastLevelP6P7

from mmpsearch.models.converters.spnet import convert_spnet
from mmpsearch.registry import MODELS

from ..golden import DATA
from ..test_person_search.spnet_reference import ROOT, public_state

PUBLIC = json.loads((DATA / "public_keys.json").read_text())
IGNORED = {  # by variant: only pre-training leaves anything behind
    "spnet_s_qc_pretrain": 4,
    "spnet_s_oc_pretrain": 1,
}


def light_state(variant):
    """A state dict of the right shapes without the memory."""
    return {
        key: torch.ones(()).expand(shape)
        for key, shape in PUBLIC["shapes"][variant].items()
    }


@pytest.mark.parametrize("variant", PUBLIC["shapes"])
def test_every_key_is_known_and_goes_to_a_place_of_its_own(variant):
    state = light_state(variant)
    converted, report = convert_spnet(state)
    assert not report.unmatched
    assert len(report.ignored) == IGNORED.get(variant, 0)
    assert len(report.renamed) + len(report.ignored) == len(state)
    targets = list(report.renamed.values())
    assert len(set(targets)) == len(targets)
    derived = {"reid_loss.queue_head"}
    if variant.endswith("pretrain"):
        derived.add("momentum_encoder.steps")
    assert set(converted) == set(targets) | derived
    for public, ours in report.renamed.items():
        assert converted[ours].numel() == state[public].numel()
        assert converted[ours].squeeze().shape == state[public].squeeze().shape


def test_the_prefix_of_lightning_is_stripped():
    state = light_state("spnet_s_oc")
    plain, _ = convert_spnet(state)
    prefixed, report = convert_spnet({f"model.{k}": v for k, v in state.items()})
    assert plain.keys() == prefixed.keys()
    assert not report.unmatched


def test_unknown_keys_are_reported():
    state = {**light_state("spnet_s_oc"), "head.gfn.weight": torch.ones(1)}
    converted, report = convert_spnet(state)
    assert report.unmatched == ["head.gfn.weight"]
    assert not any("gfn" in key for key in converted)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({}, "not a state dict of the public SPNet"),
        ({"layer1.weight": torch.ones(1)}, "not a state dict of the public SPNet"),
        ({"backbone.swin.x": torch.ones(1)}, "Swin"),
    ],
)
def test_other_files_are_refused(state, message):
    with pytest.raises(ValueError, match=message):
        convert_spnet(state)


@pytest.mark.parametrize(("filled", "head"), [(0, 0), (3, 3), (7, 0)])
def test_writing_goes_on_behind_the_filled_rows(filled, head):
    state = light_state("spnet_s_oc")
    queue = torch.zeros(7, 128)
    queue[:filled] = 1
    converted, _ = convert_spnet({**state, "head.reid_loss.cq": queue})
    assert converted["reid_loss.queue_head"] == head
    assert converted["reid_loss.queue_head"].dtype == torch.int64


def build(base, **changes):
    config = Config.fromfile(ROOT / "configs" / "_base_" / "models" / base).model
    for key, value in changes.items():
        config[key] = value
    return MODELS.build(config)


def oim(variant):
    shapes = PUBLIC["shapes"][variant]
    (identities, dims), (queue, _) = (
        shapes[f"head.reid_loss.{name}"] for name in ("lut", "cq")
    )
    return {
        "type": "mmpsearch.OIMLoss",
        "num_identities": identities,
        "embed_dims": dims,
        "queue_size": queue,
    }


def test_batch_norm_logits_load_strictly():
    block = {"type": "mmpsearch.SPBlock", "embed_dims": 128, "logits": "batch_norm"}
    variant = "spnet_s_bn_logits"
    model = build("spnet-s_convnext-t.py", sp_block=block, reid_loss=oim(variant))
    state = light_state(variant)
    state["head.anchor_classification_head.logits.norm.weight"] = torch.tensor([5.0])
    converted, report = convert_spnet(state)
    target = report.renamed["head.anchor_classification_head.logits.norm.weight"]
    model.load_state_dict(converted, strict=True)
    assert model.anchor_logits.norm.weight == 5
    assert target == "anchor_logits.norm.weight"


@pytest.fixture(scope="module")
def resnet():
    """SPNet-L with ResNet-50: the public weights and our model loaded from them."""
    variant = "spnet_l_resnet50"
    state = public_state(variant)
    model = build(
        "spnet-s_convnext-t.py",
        backbone={
            "type": "mmpretrain.ResNet",
            "depth": 50,
            "out_indices": (1, 2, 3),
        },
        neck={
            "type": "mmdet.FPN",
            "in_channels": [512, 1024, 2048],
            "out_channels": 1024,
            "num_outs": 5,
            "add_extra_convs": "on_input",
            "relu_before_extra_convs": True,
        },
        anchor_embedder={"type": "mmpsearch.AnchorEmbedder", "in_channels": 1024},
        box_embedder={"type": "mmpsearch.BoxEmbedder", "embed_dims": 2048},
        detection_embedder={"type": "mmpsearch.DetectionBoxEmbedder"},
        cascade_steps=2,
        reid_loss=oim(variant),
    )
    converted, _ = convert_spnet(state)
    model.load_state_dict(converted, strict=True)
    return model.eval(), state


def part(state, prefix):
    return {
        key.removeprefix(prefix): value
        for key, value in state.items()
        if key.startswith(prefix)
    }


@torch.inference_mode()
def test_resnet_equals_torchvisions(resnet):
    model, state = resnet
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(1, 3, 64, 96, generator=generator)
    features = model.extract(inputs)
    body = resnet50(weights=None).eval()
    body.load_state_dict(part(state, "backbone.body."), strict=False)
    x = body.maxpool(body.relu(body.bn1(body.conv1(inputs))))
    stages = []
    for layer in (body.layer1, body.layer2, body.layer3, body.layer4):
        x = layer(x)
        stages.append(x)
    pyramid = FeaturePyramidNetwork(
        [512, 1024, 2048], 1024, LastLevelP6P7(2048, 1024)
    ).eval()
    pyramid.load_state_dict(part(state, "backbone.fpn."), strict=True)
    levels = pyramid(dict(enumerate(stages[1:])))
    for ours, theirs in zip(features.stages, stages[1:], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)
    for ours, theirs in zip(features.pyramid, levels.values(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)


@torch.inference_mode()
def test_resnet_box_embedders_equal_torchvisions(resnet):
    model, state = resnet
    regions = torch.rand(2, 1024, 6, 6, generator=torch.Generator().manual_seed(1))
    for prefix, embedder in (
        ("head.align_emb_head.", model.box_embedder),
        ("head.align_emb_loc_head.1.", model.detection_embedders[0]),
        ("head.align_emb_loc_head.2.", model.detection_embedders[1]),
    ):
        stage = resnet50(weights=None).layer4.eval()
        stage.load_state_dict(part(state, f"{prefix}emb_head.head."), strict=True)
        torch.testing.assert_close(
            embedder.stage(regions), stage(regions), rtol=1e-3, atol=1e-4
        )
    first, second = (model.detection_embedders[i].projection.weight for i in range(2))
    assert torch.equal(first, state["head.align_emb_loc_head.1.head.weight"])
    assert torch.equal(second, state["head.align_emb_loc_head.2.head.weight"])


@torch.inference_mode()
def test_resnet_cascade_runs(resnet):
    from mmpsearch.structures import PersonSearchSample

    model, _ = resnet
    inputs = torch.randn(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    sample = PersonSearchSample(metainfo={"img_shape": (64, 96)})
    (result,) = model.predict(inputs, [sample])
    found = result.pred_instances
    assert found.embeddings.shape == (len(found), 2048)
    assert found.embeddings.isfinite().all() and found.bboxes.isfinite().all()
