import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmpsearch.errors import CheckpointError
from mmpsearch.registry import MODELS
from mmpsearch.utils.checkpoint import load_checkpoint
from tests.test_apis import crop_model

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "model_converters"))
import publish_weights  # noqa: E402


def test_weights_and_provenance_are_kept_training_is_not(tmp_path):
    config = Config(crop_model.config())
    model = MODELS.build(config.model)
    run = {
        "meta": {
            "cfg": config.pretty_text,
            "epoch": 3,
            "drawn_people": True,
            "hostname": "mine",
            "dataset_meta": {"name": "Market1501"},
        },
        "state_dict": model.state_dict(),
        "optimizer": {"state": torch.ones(9)},
    }
    torch.save(run, tmp_path / "epoch_3.pth")
    target = tmp_path / "small.pth"
    words = [
        str(tmp_path / "epoch_3.pth"),
        str(target),
        "--half",
        "--note",
        "commit=abc",
    ]
    assert publish_weights.main(words) == 0
    small = load_checkpoint(target)
    assert small["meta"] == {
        "epoch": 3,
        "drawn_people": True,
        "dataset": "Market1501",
        "commit": "abc",
    }
    assert set(small) == {"meta", "state_dict"}
    kept = {k for k in model.state_dict() if not k.startswith("classifiers.")}
    assert small["state_dict"].keys() == kept
    for name, value in small["state_dict"].items():
        wanted = model.state_dict()[name]
        if wanted.is_floating_point():
            assert value.dtype == torch.float16
        torch.testing.assert_close(value.to(wanted.dtype), wanted, rtol=1e-3, atol=1e-4)


def test_what_is_no_run_is_refused(tmp_path):
    torch.save({"state_dict": {}}, tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match="w.pth: is not a run's checkpoint"):
        publish_weights.main([str(tmp_path / "w.pth"), str(tmp_path / "x.pth")])
    with pytest.raises(SystemExit):
        publish_weights.parse_args(["a", "b", "--note", "x"])
