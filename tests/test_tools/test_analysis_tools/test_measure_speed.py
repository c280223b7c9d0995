"""Frames per second of small models, by the tool's own functions and its command."""

import importlib.util
import json
import sys
from pathlib import Path

import mmdet
import pytest
from mmengine.config import Config
from mmengine.model import BaseModel
from mmengine.structures import InstanceData
from torch import nn

from tests.test_datasets.layouts import write_prw

SCRIPT = Path(__file__).parents[3] / "tools" / "analysis_tools" / "measure_speed.py"
SPNET = "configs/spnet/spnet-tiny_r18_oc-finetune_synthetic.py"
REID = "configs/reid/bot/bot_r18_synth.py"
DETECTOR = Path(mmdet.__file__).parent / ".mim/configs/retinanet"
FEW = ["--shape", "64", "96", "--frames", "2", "--warmup", "1", "--device", "cpu"]


@pytest.fixture
def tool():
    spec = importlib.util.spec_from_file_location("measure_speed", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    path = list(sys.path)
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = path
    sys.modules.pop("common", None)


def run(tool, monkeypatch, capsys, *options):
    monkeypatch.setattr(sys, "argv", ["measure_speed.py", *map(str, options)])
    tool.main()
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_spnet_with_random_weights(tool, monkeypatch, capsys):
    record = run(tool, monkeypatch, capsys, SPNET, *FEW)
    assert record["fps"] == pytest.approx(1 / record["median_s"], rel=0.01)
    assert 500_000 < record["parameters"] < 2_000_000
    assert record["frames"] == 2 and record["fps_with_loading"] is None
    assert record["device"] == "cpu" and record["amp"] is False
    assert record["machine"]["cores"] >= 1 and "torch" in record["versions"]


def test_test_images_are_loaded_too(tool, monkeypatch, capsys, tmp_path):
    root = write_prw(tmp_path / "PRW")
    config = Config.fromfile(SPNET)
    config.test_dataloader.dataset.data_root = str(root)
    config.dump(tmp_path / "config.py")
    options = [tmp_path / "config.py", "--dataset", "--amp", *FEW]
    record = run(tool, monkeypatch, capsys, *options)
    assert record["images"] == "test images" and record["amp"] is True
    assert record["fps_with_loading"] < record["fps"]


def test_a_stock_detector(tool, monkeypatch, capsys):
    config = DETECTOR / "retinanet_r50_fpn_1x_coco.py"
    record = run(tool, monkeypatch, capsys, config, *FEW)
    assert record["parameters"] > 30_000_000 and record["fps"] > 0


class Slow(BaseModel):
    """Takes as long as it is told to."""

    def __init__(self, clock):
        super().__init__()
        self.weight = nn.Linear(1, 1)
        self.clock = clock
        self.number = 0

    def forward(self, *args, **kwargs):
        raise NotImplementedError

    def test_step(self, data):
        self.number += 1
        self.clock[0] += 10 if self.number <= 2 else 0.5
        sample = data["data_samples"][0]
        sample.pred_instances = InstanceData(scores=[1] * self.number)
        return [sample]


def test_warm_up_and_loading_are_told_apart(tool, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(tool.time, "perf_counter", lambda: clock[0])

    def batches():
        for batch in tool.random_images((4, 4), 5):
            clock[0] += 0.25  # loading
            yield batch

    seconds, with_loading, found = tool.time_frames(Slow(clock), batches(), 2, False)
    assert seconds == [0.5] * 3 and with_loading == [0.75] * 3
    assert found == [3, 4, 5]


def test_mistakes_are_one_line(tool, monkeypatch, capsys):
    for options, message in (
        (["nothing.py"], "config nothing.py: there is no such file"),
        ([SPNET, "nothing.pth"], "nothing.pth"),
        ([SPNET, "--device", "gpu7"], "device gpu7 cannot be used"),
        ([REID, *FEW], "bot_r18_synth.py is a re-identification model (ReIDModel)"),
    ):
        with pytest.raises(SystemExit):
            run(tool, monkeypatch, capsys, *options)
        assert message in capsys.readouterr().err
