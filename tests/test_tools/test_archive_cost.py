"""The reckoning of cameras, by hand."""

import importlib.util
import json
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools/analysis_tools/archive_cost.py"


@pytest.fixture
def tool():
    spec = importlib.util.spec_from_file_location("archive_cost", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_hundred_cameras(tool, capsys):
    options = "--cameras 100 --fps 2 --people-per-frame 3 --frames-per-second 10"
    result = tool.main([*options.split(), "--bytes-per-person", "1000", "--days", "10"])
    assert result["frames_per_day"] == 100 * 86400 * 2
    assert result["cores"] == 20  # 200 frames a second, 10 a core
    assert result["core_hours_per_camera_day"] == pytest.approx(20 * 24 / 100)
    assert result["records_kept"] == 100 * 86400 * 2 * 3 * 10
    assert result["archive_gb_per_day"] == pytest.approx(51.84)
    assert result["gallery_memory_gb"] == pytest.approx(
        0.6 + 518.4e6 * (256 + 460) / 1e9
    )
    last = capsys.readouterr().out.splitlines()[-1]
    assert json.loads(last)["cores"] == 20


def test_tracks_keep_fewer(tool):
    options = "--people-per-frame 3 --frames-per-second 10 --bytes-per-person 1000"
    plain = tool.main(options.split())
    tracked = tool.main([*options.split(), "--sightings-per-record", "30"])
    assert tracked["records_per_day"] * 30 == plain["records_per_day"]
    assert tracked["cores"] == plain["cores"]


def test_nonsense_is_refused(tool, capsys):
    with pytest.raises(SystemExit):
        tool.main(["--people-per-frame", "-1"])
    assert "must be a positive number" in capsys.readouterr().err
