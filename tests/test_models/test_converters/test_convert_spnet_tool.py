"""tools/model_converters/convert_spnet.py from file to file."""

import importlib.util
import sys
from pathlib import Path

import pytest
import torch

from mmpsearch.models.converters.spnet import convert_spnet
from mmpsearch.utils.checkpoint import load_checkpoint
from tests.test_models.golden import public_keys
from tests.test_models.tiny_spnet import SHAPE, scene, tiny_spnet

TOOL = Path(__file__).parents[3] / "tools" / "model_converters" / "convert_spnet.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("convert_spnet_tool", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(tool, monkeypatch, tmp_path, capsys):
    """Call the tool on a checkpoint; gives its status, output and target file."""

    def call(checkpoint, *options):
        source, target = tmp_path / "epoch=29.ckpt", tmp_path / "new" / "spnet.pth"
        torch.save(checkpoint, source)
        arguments = [str(TOOL), str(source), str(target), *options]
        monkeypatch.setattr(sys, "argv", arguments)
        return tool.main(), capsys.readouterr(), target

    return call


def public_names():
    """Our key -> public key, from a variant with all parts."""
    shapes = public_keys()["shapes"]
    state = {
        k: torch.ones(()).expand(s) for k, s in shapes["c2_sep_convnext_t"].items()
    }
    _, report = convert_spnet(state)
    return {ours: public for public, ours in report.renamed.items()}


def as_published(model):
    """The model's weights as a Lightning checkpoint of the public implementation."""
    names = public_names()
    state = {
        f"model.{names[key]}": value[:, None, None] if key.endswith("gamma") else value
        for key, value in model.state_dict().items()
        if key != "reid_loss.queue_head"
    }
    return {"state_dict": state, "epoch": 29, "global_step": 1}


def test_a_converted_model_predicts_the_same(run):
    from tests.test_models.tiny_spnet import SEPARATE

    options = {
        "cascade_steps": 2,
        "detection_embedder": SEPARATE,
        "search": {"score_threshold": 0.0},
    }
    model = tiny_spnet(**options).eval()
    status, output, target = run(as_published(model))
    assert status == 0
    assert "0 unknown" in output.out and str(target) in output.out
    loaded = tiny_spnet(seed=1, **options).eval()
    checkpoint = load_checkpoint(target)  # weights only
    loaded.load_state_dict(checkpoint["state_dict"], strict=True)
    inputs, samples = scene(1)
    with torch.inference_mode():
        first = model.predict(inputs, samples)[0].pred_instances.clone()
        second = loaded.predict(inputs, samples)[0].pred_instances
    assert len(first) > 0 and inputs.shape[-2:] == SHAPE
    for key in ("bboxes", "scores", "embeddings"):
        assert torch.equal(first[key], second[key])
    assert [file.name for file in target.parent.iterdir()] == ["spnet.pth"]


def test_to_the_public_names_and_back(run, tool, monkeypatch, tmp_path, capsys):
    published = as_published(tiny_spnet())
    extra = {"model.head.reid_loss.age_cq": torch.ones(3)}
    published["state_dict"] |= extra
    _, _, ours = run(published)
    original, public = ours.parent.parent / "epoch=29.ckpt", tmp_path / "public.ckpt"

    def back(*options):
        arguments = [str(TOOL), "--to-public", str(ours), str(public), *options]
        monkeypatch.setattr(sys, "argv", arguments)
        status = tool.main()
        return status, load_checkpoint(public)["state_dict"]

    status, state = back()
    assert status == 0 and "0 unknown" in capsys.readouterr().out
    assert published["state_dict"].keys() - state.keys() == extra.keys()
    status, state = back("--like", str(original))
    assert status == 0
    assert state.keys() == published["state_dict"].keys()
    for key, value in published["state_dict"].items():
        assert torch.equal(state[key], value), key


def test_the_momentum_encoder_is_taken_where_there_is_one(run):
    checkpoint = as_published(tiny_spnet())
    status, output, _ = run(checkpoint, "--momentum")
    assert status == 2 and "has no momentum encoder" in output.err
    state = checkpoint["state_dict"]
    copies = {
        key.replace("model.backbone.", "model.moco_backbone."): value + 1
        for key, value in state.items()
        if key.startswith("model.backbone.")
    }
    checkpoint["state_dict"] = {**state, **copies}
    status, _, target = run(checkpoint, "--momentum")
    assert status == 0
    ours = load_checkpoint(target)["state_dict"]
    key = "backbone.stages.0.0.norm.weight"
    assert torch.equal(ours[key], state["model.backbone.body.1.0.block.2.weight"] + 1)


@pytest.mark.parametrize("options", [("--like", "x"), ("--momentum", "--to-public")])
def test_options_that_do_not_go_together(run, options):
    with pytest.raises(SystemExit):
        run(as_published(tiny_spnet()), *options)


def test_unknown_keys_are_named_and_set_the_status(run):
    checkpoint = as_published(tiny_spnet())
    checkpoint["state_dict"]["model.head.gfn.weight"] = torch.ones(1)
    status, output, target = run(checkpoint)
    assert status == 1
    assert "unknown: head.gfn.weight" in output.out
    assert target.exists()


@pytest.mark.parametrize(
    ("checkpoint", "message"),
    [
        ({"state_dict": {"conv.weight": torch.ones(1)}}, "not a state dict"),
        ({"epoch": 3}, "not a state dict"),
        ({"state_dict": 5}, "not a state dict"),
        ([1, 2], "not a dict"),
    ],
)
def test_other_files_are_refused_in_one_line(run, checkpoint, message):
    status, output, target = run(checkpoint)
    assert status == 2
    assert message in output.err and "epoch=29.ckpt" in output.err
    assert len(output.err.splitlines()) == 1
    assert not target.exists()


class Config:
    """What a pickle may bring along."""


def test_objects_are_only_unpickled_on_request(run):
    checkpoint = {**as_published(tiny_spnet()), "hyper_parameters": Config()}
    status, output, target = run(checkpoint)
    assert status == 2 and "--unsafe-load" in output.err
    assert not target.exists()
    status, _, target = run(checkpoint, "--unsafe-load")
    assert status == 0 and target.exists()


def test_a_missing_file(tool, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sys, "argv", [str(TOOL), str(tmp_path / "no"), "x.pth"])
    assert tool.main() == 2
    assert "no such file" in capsys.readouterr().err
