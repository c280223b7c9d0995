import argparse
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.testing import assert_close

from mmpsearch.errors import ConversionError
from mmpsearch.models.backbones import VisionTransformer
from mmpsearch.models.converters.self_supervised import (
    convert_self_supervised,
    plain_vit,
)
from mmpsearch.models.converters.vit import convert_vit
from mmpsearch.utils.checkpoint import load_checkpoint
from tests.pretraining_golden import golden_keys
from tests.test_models.reid_golden import filled_state
from tests.test_models.reid_golden import golden_keys as vit_keys
from tests.test_models.test_selfsup.small import small_model, small_views
from tests.test_models.test_selfsup.test_golden_steps import build_model

ROOT = Path(__file__).parents[3]
KEYS = golden_keys()


def public_checkpoint():
    student = filled_state(KEYS["student_state_keys"], 0.25)
    teacher = filled_state(KEYS["teacher_state_keys"], 0.5)
    for state in (student, teacher):  # one tensor under two names
        for end in ("weight_g", "weight_v"):
            state[f"head.last_layer2.{end}"] = state[f"head.last_layer.{end}"]
    return dict(
        student={f"module.{key}": value for key, value in student.items()},
        teacher=teacher,
        ibot_loss=dict(center=torch.full((1, 64), 2.0), center2=torch.ones(1, 1, 64)),
        epoch=220,
        args=argparse.Namespace(arch="vit_small"),
        optimizer=dict(state={}, param_groups=[]),
    )


def test_a_whole_pretraining():
    source = public_checkpoint()
    state, report = convert_self_supervised(source)
    assert not report.unmatched
    assert set(report.ignored) == {"epoch", "args", "optimizer"}
    model = build_model()
    model.load_state_dict(state)  # strict
    assert_close(model.class_center.center, torch.full((64,), 2.0))
    assert_close(model.patch_center.center, torch.ones(64))
    key = "backbone.blocks.1.mlp.fc1.weight"
    assert torch.equal(state[f"teacher.{key}"], source["teacher"][key])
    assert torch.equal(state[f"student.{key}"], source["student"][f"module.{key}"])


def test_the_public_key_list_of_vit_small_is_ours():
    name = "ibot_student_vit_small_256x128_8192_shared (DDP prefix module.)"
    keys = {k.removeprefix("module."): v for k, v in vit_keys(name).items()}
    from mmpsearch.models.heads import PrototypeHead

    model = torch.nn.ModuleDict(
        dict(backbone=VisionTransformer(mask_token=True), head=PrototypeHead(384))
    )
    assert {k: list(v.shape) for k, v in model.state_dict().items()} == keys


def test_dino_and_newer_weight_norm():
    teacher = {}
    for key, value in filled_state(KEYS["teacher_state_keys"], 0.25).items():
        if "last_layer2" in key:
            continue
        key = key.replace("weight_g", "parametrizations.weight.original0")
        teacher[key.replace("weight_v", "parametrizations.weight.original1")] = value
    state, report = convert_self_supervised(dict(teacher=teacher))
    assert not report.unmatched
    missing, unused = build_model().load_state_dict(state, strict=False)
    assert unused == []
    assert set(missing) == {
        "student.backbone.masked_embed",
        "class_center.center",
        "patch_center.center",
    }


def test_other_files_are_refused():
    with pytest.raises(ConversionError, match="no pre-training"):
        convert_self_supervised(dict(state_dict={}))
    with pytest.raises(ConversionError, match="teacher has no head.mlp.0.weight"):
        backbone = dict(teacher={"backbone.pos_embed": torch.zeros(1, 2, 3)})
        convert_self_supervised(backbone)
    with pytest.raises(ConversionError, match="has no vision transformer"):
        plain_vit(dict(weight=torch.zeros(1)))


def test_there_and_back():
    model = small_model()
    views, _ = small_views()
    state, prefix = plain_vit(dict(state_dict=model.state_dict()))
    assert prefix == "teacher.backbone."
    plain = VisionTransformer(dict(dims=24, depth=2, heads=3), image_size=(64, 32))
    plain.load_state_dict(state)  # strict
    assert torch.equal(plain(views[0])[0][:, 0], model.extract(views[0]))


def test_public_names_survive_the_round_trip():
    keys = vit_keys("dino_vit_small_256x128")
    source = filled_state(keys, 0.12)
    converted, _ = convert_vit(source)
    state, prefix = plain_vit(dict(state_dict=converted))
    assert prefix == "backbone." and set(state) == set(source)
    assert all(torch.equal(state[key], value) for key, value in source.items())


def run(*arguments):
    return subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True
    )


def test_the_tools(tmp_path):
    source, target = tmp_path / "public.pth", tmp_path / "ours.pth"
    torch.save(public_checkpoint(), source)
    folder = "tools/model_converters"
    done = run(f"{folder}/convert_personvit.py", source, target)
    assert done.returncode == 0, done.stderr
    state = load_checkpoint(target)["state_dict"]
    build_model().load_state_dict(state)
    plain = tmp_path / "plain.pth"
    done = run(f"{folder}/export_vit.py", target, plain)
    assert done.returncode == 0 and "weights of teacher.backbone." in done.stdout
    assert torch.equal(
        load_checkpoint(plain)["pos_embed"], state["teacher.backbone.pos_embed"]
    )
    assert run(f"{folder}/export_vit.py", tmp_path / "no.pth", plain).returncode == 2
