"""Public SPNet checkpoints: every key of every variant, and ResNet-50 in numbers."""

import pytest
import torch
from mmengine.config import Config
from torchvision.models import resnet50
from torchvision.ops import FeaturePyramidNetwork
from torchvision.ops.feature_pyramid_network import LastLevelP6P7

from mmpsearch.models.converters.spnet import convert_spnet, publish_spnet
from mmpsearch.registry import MODELS
from tests.test_models.golden import public_keys
from tests.test_models.test_person_search.test_spnet.spnet_reference import (
    ROOT,
    public_state,
)

PUBLIC = public_keys()
IGNORED = {  # by variant: pre-training leaves something behind, and SOLIDER's Swin
    "spnet_s_qc_pretrain": 4,
    "spnet_s_oc_pretrain": 1,
    "spnet_s_qc_pretrain_lwf": 16 + 4 + 4,
    "spnet_l_convnext_b_qc_pretrain": 4,
    "spnet_l_swin_b": 6 + 3 * 340,
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
    if "pretrain" in variant:
        derived.add("momentum_encoder.steps")
    assert set(converted) == set(targets) | derived
    for public, ours in report.renamed.items():
        assert converted[ours].numel() == state[public].numel()
        assert converted[ours].squeeze().shape == state[public].squeeze().shape


def numbered_state(variant):
    """As `light_state`, with a number of its own in every tensor."""
    return {
        key: torch.tensor(float(number)).expand(shape)
        for number, (key, shape) in enumerate(PUBLIC["shapes"][variant].items(), 1)
    }


def first_value(tensor):
    return float(tensor[(0,) * tensor.dim()])


@pytest.mark.parametrize("variant", PUBLIC["shapes"])
def test_there_and_back_is_the_identity(variant):
    state = numbered_state(variant)
    converted, report = convert_spnet(state)
    public, back = publish_spnet(converted)
    assert not back.unmatched
    assert set(back.ignored) == set(converted) - set(report.renamed.values())
    # all that was converted comes back under its own name, and nothing else
    public = {key.removeprefix("model."): value for key, value in public.items()}
    plain = "train_reid_loss."  # the name tells what is published beside it
    assert public.keys() == {key.replace(plain, "") for key in report.renamed}
    whole, _ = publish_spnet(converted, like=state)
    assert whole.keys() == {f"model.{key}" for key in state}
    for key, value in state.items():
        result = whole[f"model.{key}"]
        assert result.shape == value.shape, key
        assert first_value(result) == first_value(value), key
        if key in public:
            assert first_value(public[key]) == first_value(value), key


def test_ours_comes_back_as_it_was():
    converted, _ = convert_spnet(numbered_state("c2_sep_convnext_t"))
    again, _ = convert_spnet(publish_spnet(converted)[0])
    assert again.keys() == converted.keys()
    for key, value in converted.items():
        assert again[key].shape == value.shape
        assert first_value(again[key]) == first_value(value)


@pytest.mark.parametrize(
    "variant", ["spnet_s_oc_pretrain", "spnet_l_convnext_b_qc_pretrain"]
)
def test_the_momentum_encoder_can_be_taken(variant):
    state = numbered_state(variant)
    plain, _ = convert_spnet(state)
    converted, report = convert_spnet(state, momentum=True)
    assert not report.unmatched and converted.keys() == plain.keys()
    copies = [k for k in plain if k.startswith("momentum_encoder.module.")]
    followers = {k.removeprefix("momentum_encoder.module.") for k in copies}
    assert {"backbone", "neck", "box_embedder"} == {k.split(".")[0] for k in followers}
    for key, value in converted.items():
        origin = f"momentum_encoder.module.{key}" if key in followers else key
        assert first_value(value) == first_value(plain[origin]), key
    assert all(key in followers for key in plain if key.startswith("backbone."))


def test_a_fine_tuned_model_has_no_momentum_encoder():
    with pytest.raises(ValueError, match="has no momentum encoder"):
        convert_spnet(light_state("spnet_s_oc"), momentum=True)


def test_only_an_spnet_is_published_and_only_like_itself():
    with pytest.raises(ValueError, match="not a state dict of SPNet here"):
        publish_spnet(light_state("spnet_s_oc"))
    converted, _ = convert_spnet(light_state("spnet_s_oc"))
    with pytest.raises(ValueError, match="is another one: detection_embedders.0"):
        publish_spnet(converted, like=light_state("c0_sep_convnext_t"))


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
        ({"backbone.swin.x": torch.ones(1)}, "none of convnext, resnet"),
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
    model = build("spnet-l_r50.py", reid_loss=oim(variant))
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
