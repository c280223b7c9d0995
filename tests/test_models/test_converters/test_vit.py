import pytest
import torch
from torch.testing import assert_close

from mmpsearch.errors import ConversionError
from mmpsearch.models.backbones import VisionTransformer
from mmpsearch.models.converters.vit import convert_vit
from tests.test_models.reid_golden import filled_state, golden_arrays, golden_keys


@pytest.fixture(scope="module")
def small():
    return filled_state(golden_keys("transreid_vit_small_256x128"), 0.1)


def test_pre_training_gives_the_teacher():
    name = "ibot_student_vit_small_256x128_8192_shared (DDP prefix module.)"
    student = filled_state(golden_keys(name), 0.1)
    teacher = {k.removeprefix("module."): v + 1 for k, v in student.items()}
    checkpoint = {"student": student, "teacher": teacher, "epoch": 220}
    converted, report = convert_vit(checkpoint)
    assert not report.unmatched
    assert set(report.ignored.values()) == {
        "mask token of pre-training",
        "not under 'backbone.'",
    }
    assert_close(converted["backbone.cls_token"], teacher["backbone.cls_token"])
    kept, _ = convert_vit(checkpoint, keep_mask_token=True)
    assert kept.keys() - converted.keys() == {"backbone.masked_embed"}
    own, _ = convert_vit(student)  # a student alone, with DistributedDataParallel's
    assert own.keys() == converted.keys()


def test_position_embedding_of_a_known_grid(small):
    data = golden_arrays("vit_forward")
    source = data["resize/src_14x14"].repeat(1, 1, 48)
    state = {**small, "pos_embed": source}
    converted, _ = convert_vit(state, source_grid=(14, 14), target_grid=(16, 8))
    want = data["resize/bilinear_14x14_to_16x8"].repeat(1, 1, 48)
    assert_close(converted["backbone.pos_embed"], want, atol=1e-5, rtol=1e-5)
    model = VisionTransformer("small")
    model.load_state_dict({k[9:]: v for k, v in converted.items()})
    by_aspect, _ = convert_vit(state, target_grid=(16, 8), aspect=1)
    assert_close(by_aspect["backbone.pos_embed"], converted["backbone.pos_embed"])
    with pytest.raises(ConversionError, match="196 patches are no grid of aspect 2"):
        convert_vit(state, target_grid=(16, 8))


def test_unused_classifier_is_named_and_matrices_are_reshaped(small):
    flat = dict(small)
    flat["patch_embed.proj.weight"] = small["patch_embed.proj.weight"].flatten(1)
    converted, report = convert_vit(flat)
    assert set(report.ignored) == {"fc.weight", "fc.bias"}
    weight = converted["backbone.patch_embed.proj.weight"]
    assert_close(weight, small["patch_embed.proj.weight"])


def test_less_than_the_backbone_is_refused(small):
    partial = {k: v for k, v in small.items() if not k.startswith("blocks.7.")}
    with pytest.raises(ConversionError, match=r"ViT-small: blocks.7.* and 9 more"):
        convert_vit(partial)
    with pytest.raises(ConversionError, match="no vision transformer here has the wid"):
        convert_vit({**small, "cls_token": torch.zeros(1, 1, 100)})
    with pytest.raises(ConversionError, match="under a known prefix"):
        convert_vit({"conv1.weight": torch.zeros(1)})
    _, report = convert_vit({**small, "blocks.0.gamma": torch.zeros(1)})
    assert report.unmatched == ["blocks.0.gamma"]


@pytest.mark.parametrize("prefix", ["", "module.backbone.", "base."])
def test_tokens_of_parts_are_refused_by_name(small, prefix):
    """PASS (Zhu et al., ECCV 2022): names of its released pre-training."""
    state = dict(small)
    width = state["cls_token"].shape[-1]
    state["pos_embed"] = torch.zeros(1, 128, width)  # without the class token
    state["cls_pos"] = torch.zeros(1, 1, width)
    for part in (1, 2, 3):
        state[f"part_token{part}"] = torch.zeros(1, 1, width)
        state[f"part{part}_pos"] = torch.zeros(1, 1, width)
    with pytest.raises(ConversionError, match="belongs to PASS.*three tokens of parts"):
        convert_vit({prefix + name: value for name, value in state.items()})


def test_a_position_embedding_with_parts_is_refused(small):
    state = {**small, "pos_embed": torch.zeros(1, 131, small["cls_token"].shape[-1])}
    with pytest.raises(ConversionError, match="pos_embed belongs to PASS"):
        convert_vit(state)
