import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.backbones import SemanticSwin
from mmpsearch.models.converters.backbone import ConversionError
from mmpsearch.models.converters.swin import convert_swin


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    return SemanticSwin("tiny", out_indices=(0, 1, 2, 3)).state_dict()


def test_teacher_of_pre_training(tiny):
    teacher = {f"backbone.{k}": v for k, v in tiny.items()}
    teacher["head.mlp.0.weight"] = torch.zeros(1)
    converted, report = convert_swin({"teacher": teacher, "epoch": 1})
    assert not report.unmatched
    assert set(report.ignored.values()) == {
        "computed anew",
        "norm of an earlier stage",
        "not under 'backbone.'",
    }
    model = SemanticSwin("tiny")
    missing = model.load_state_dict(
        {k.removeprefix("backbone."): v for k, v in converted.items()}, strict=False
    )
    assert all(k.endswith("relative_position_index") for k in missing.missing_keys)
    assert not missing.unexpected_keys
    assert_close(
        converted["backbone.semantic_embed_w.0.weight"],
        tiny["semantic_embed_w.0.weight"],
    )


def test_less_than_the_backbone_is_refused(tiny):
    plain = {k: v for k, v in tiny.items() if "semantic" not in k}
    with pytest.raises(
        ConversionError, match="Swin-tiny: semantic_embed_w.0.weight is"
    ):
        convert_swin(plain)
    fewer = {k: v for k, v in tiny.items() if not k.startswith("stages.2.blocks.5.")}
    with pytest.raises(ConversionError, match="width 96 and 5 blocks in its third"):
        convert_swin(fewer)
