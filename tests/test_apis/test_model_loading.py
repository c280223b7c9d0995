import pytest
import torch

from mmpsearch.apis import InputError
from mmpsearch.apis.model_loading import (
    build_model,
    build_pipeline,
    choose_device,
    fingerprint,
    load_weights,
    put_on,
    read_config,
)
from mmpsearch.errors import ModelLoadError
from mmpsearch.models.unsupervised import HybridMemory
from mmpsearch.ops.cpu.convolution import WinogradConv2d

from .colour_model import ColourModel, config


def build(tmp_path, content):
    path = tmp_path / "weights.pth"
    torch.save(content, path)
    return build_model(read_config(config())[0], path, 0.5)


def test_weights_are_loaded_from_a_runner_s_or_a_bare_file(tmp_path):
    weights = {"gain": torch.tensor([1.0, 2.0, 3.0])}
    for content in (weights, {"state_dict": weights, "meta": {"epoch": 3}}):
        model = build(tmp_path, content)
        assert model.gain.tolist() == [1, 2, 3] and not model.training


def test_training_weights_are_left_out_silently_others_named(tmp_path, recwarn):
    weights = {"gain": torch.ones(3), "reid_loss.lookup_table": torch.ones(9, 3)}
    build(tmp_path, weights)
    assert not recwarn.list
    with pytest.warns(UserWarning, match="1 weights are not used, e.g. extra"):
        build(tmp_path, {**weights, "extra": torch.ones(1)})


def test_an_unfilled_memory_takes_over_the_checkpoint_s_size(tmp_path):
    memory = HybridMemory()
    memory.fill(torch.zeros(0, 4), torch.eye(4))
    torch.save(memory.state_dict(), tmp_path / "memory.pth")
    fresh = HybridMemory()
    load_weights(fresh, tmp_path / "memory.pth")
    assert torch.equal(fresh.features, torch.eye(4))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"backbone.conv": torch.ones(3)},
            "1 missing, e.g. gain.*first of 1 is .backbone.conv.*backbone only",
        ),
        ({"gain": torch.ones(4)}, r"gain is \(4,\), the model's \(3,\)"),
        ({"state_dict": {}}, "weights.pth does not fit"),
    ],
)
def test_weights_that_do_not_cover_the_model(tmp_path, content, message):
    with pytest.raises(ModelLoadError, match=message):
        build(tmp_path, content)


class Trap:
    def __reduce__(self):
        return eval, ("open('/tmp/mmpsearch_trap', 'w')",)


def test_a_pickled_object_is_refused_and_a_damaged_file_named(tmp_path):
    with pytest.raises(ModelLoadError, match="weights.pth.*refused.*eval"):
        build(tmp_path, {"state_dict": {"gain": torch.ones(3)}, "hook": Trap()})
    (tmp_path / "cut.pth").write_bytes((tmp_path / "weights.pth").read_bytes()[:200])
    with pytest.raises(ModelLoadError, match="cut.pth"):
        build_model(read_config(config())[0], tmp_path / "cut.pth", 0.5)
    with pytest.raises(ModelLoadError, match="none.pth.*no such file"):
        build_model(read_config(config())[0], tmp_path / "none.pth", 0.5)


def test_configs_that_do_not_build(tmp_path):
    with pytest.raises(ModelLoadError, match="no config file.*none.py"):
        read_config(tmp_path / "none.py")
    with pytest.raises(ModelLoadError, match="no `model`"):
        read_config(dict(a=1))
    (tmp_path / "bad.py").write_text("model = dict(\n")
    with pytest.raises(ModelLoadError, match="bad.py"):
        read_config(tmp_path / "bad.py")
    for wrong in (dict(type="mmpsearch.NoSuchModel"), dict(backbone=1)):
        changed = config()
        changed["model"].update(wrong)
        with pytest.raises(ModelLoadError, match="cannot be built"):
            build_model(read_config(changed)[0], None, 0.5)


def test_the_pipeline_starts_after_loading():
    names = [
        type(t).__name__ for t in build_pipeline(read_config(config())[0]).transforms
    ]
    assert names == ["HalveForTest", "PackPersonSearchInputs"]
    for change, message in (
        ({}, "no test_dataloader"),
        (None, "no test_dataloader"),
        ({"dataset": {"pipeline": [{"type": "X"}]}}, "X.* has none of LoadImage"),
    ):
        changed = {**config(), "test_dataloader": change}
        with pytest.raises(ModelLoadError, match=message):
            build_pipeline(read_config(changed)[0])


def test_the_fingerprint_follows_the_weights_only():
    one, two = ColourModel(), ColourModel()
    same = fingerprint(one, "a.py", "a.pth"), fingerprint(two, "b.py", None)
    assert same[0].sha256 == same[1].sha256 and len(same[0].sha256) == 64
    assert "a.pth" in str(same[0]) and "random weights" in str(same[1])
    with torch.no_grad():
        two.gain[1] += 1e-6
    assert fingerprint(two, "b.py", None).sha256 != same[0].sha256


def test_a_device_that_is_not_there_is_named():
    assert choose_device("cpu") == torch.device("cpu")
    for name in ("cdua", "cuda:99"):
        with pytest.raises(InputError, match=f"device {name} cannot be used: .") as e:
            choose_device(name)
        assert "\n" not in str(e.value)


def test_a_model_on_a_cpu_is_made_fast():
    model = torch.nn.Sequential(torch.nn.Conv2d(128, 128, 3, padding=1)).train()
    assert put_on(torch.device("cpu"), model) is model and not model.training
    assert type(model[0]) is WinogradConv2d
    model = torch.nn.Sequential(torch.nn.Conv2d(128, 128, 3, padding=1))
    assert type(put_on(torch.device("meta"), model)[0]) is torch.nn.Conv2d


@pytest.mark.parametrize("content", [{1: 2}, {"state_dict": {1: 2}}, {"state_dict": 3}])
def test_odd_checkpoints_are_one_line(tmp_path, content):
    torch.save(content, tmp_path / "odd.pth")
    with pytest.raises(ModelLoadError, match="odd.pth"):
        load_weights(torch.nn.Linear(2, 2), tmp_path / "odd.pth")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused_by_name(tmp_path, value):
    model = torch.nn.Linear(2, 2)
    state = model.state_dict()
    state["bias"][1] = value
    torch.save({"state_dict": state}, tmp_path / "diverged.pth")
    with pytest.raises(ModelLoadError, match=r"diverged.pth: bias holds NaN .*1 of 2"):
        load_weights(torch.nn.Linear(2, 2), tmp_path / "diverged.pth")
