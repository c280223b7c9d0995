"""Heat maps as a user draws them."""

import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmpsearch.registry import MODELS
from tests.test_apis.crop_model import GREEN, RED, config, crop

pytest.importorskip("pytorch_grad_cam", reason="the extra 'heatmaps'")
TOOL = Path(__file__).parents[3] / "tools/analysis_tools/heat_maps.py"


@pytest.fixture
def files(tmp_path):
    narrow = dict(depth=18, stem_channels=8, base_channels=4)
    settings = config(dict(type="mmpsearch.ReIDResNet", **narrow))
    settings["model"]["neck"] = dict(type="mmpsearch.GlobalPoolNeck")
    settings["model"]["heads"]["whole"]["in_channels"] = 32
    Config(settings).dump(tmp_path / "c.py")
    torch.manual_seed(0)
    torch.save(MODELS.build(settings["model"]).state_dict(), tmp_path / "w.pth")
    for folder, colour in (("a", RED), ("b", GREEN)):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / "1.png"), crop(colour))
    (tmp_path / "b" / "2.jpg").write_bytes(b"no picture")
    return tmp_path


def test_a_file_per_picture(files, monkeypatch, capsys):
    pictures = [files / "a", files / "b"]
    arguments = [files / "c.py", files / "w.pth", *pictures, "--out", files / "maps"]
    arguments += ["--query", files / "a/1.png", "--device", "cpu"]
    monkeypatch.setattr(sys, "argv", ["heat_maps.py", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(TOOL), run_name="__main__")
    assert end.value.code == 0
    names = sorted(path.name for path in (files / "maps").iterdir())
    assert names == ["1.png", "1_2.png"]  # of two folders
    drawn = cv2.imread(str(files / "maps/1.png"))
    height, width = crop(RED).shape[:2]
    assert drawn.shape == (height, 2 * width, 3)
    assert np.array_equal(drawn[:, :width], crop(RED))
    assert "2.jpg" in capsys.readouterr().err
