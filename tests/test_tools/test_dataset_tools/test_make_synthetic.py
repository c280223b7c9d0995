import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def tool():
    path = ROOT / "tools" / "dataset_tools" / "make_synthetic.py"
    spec = importlib.util.spec_from_file_location("make_synthetic_tool", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SMALL = "--scenes 4 --gallery-scenes 3 --query-scenes 2 --identities 4 "
SMALL += "--test-identities 4 --cameras 2 --size 120x96 --workers 1"


def test_command_line(tool, tmp_path, capsys):
    out = tmp_path / "prw"
    tool.main(["--layout", "prw", "--out", str(out), "--seed", "3", *SMALL.split()])
    assert "9 frames" in capsys.readouterr().out
    manifest = json.loads((out / "synthetic.json").read_text())
    assert (manifest["seed"], manifest["width"], manifest["height"]) == (3, 120, 96)
    assert (out / "query_info.txt").exists()
    with pytest.raises(SystemExit, match="seed: 3 there, 4 wanted"):
        tool.main(["--layout", "prw", "--out", str(out), "--seed", "4", *SMALL.split()])


def test_published_size_is_an_option(tool):
    args = tool.parse_args(["--layout", "prw", "--out", "x", "--published-size"])
    assert args.published_size and args.scenes is None


@pytest.mark.parametrize("size", ["336", "axb", "1x2x3"])
def test_a_bad_size_is_named(tool, size, capsys):
    with pytest.raises(SystemExit):
        tool.parse_args(["--layout", "prw", "--out", "x", "--size", size])
    assert "is not WIDTHxHEIGHT" in capsys.readouterr().err


def test_crops(tool, tmp_path, capsys):
    out = str(tmp_path / "market")
    people = "--identities 2 --test-identities 2 --crops-per-identity 4 --junk 0"
    command = ["--layout", "market1501", "--out", out, "--workers", "1"]
    tool.main([*command, *people.split(), "--distractors", "1", "--size", "16x32"])
    assert "8 bounding_box_train, 4 query, 5 bounding_box" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="--scenes is for layouts of scenes, not for"):
        tool.main([*command, "--scenes", "3"])
    command[1] = "prw"
    with pytest.raises(SystemExit, match="--junk is for layouts of crops, not for prw"):
        tool.main([*command, "--junk", "3"])


def test_a_folder_that_is_a_file_is_named(tool, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match=r"make_synthetic: .*file"):
        tool.main(["--layout", "prw", "--out", str(tmp_path / "file")])


def test_coco_has_nobody_to_search_for(tool, tmp_path):
    command = ["--layout", "coco", "--out", str(tmp_path), "--queries", "5"]
    with pytest.raises(SystemExit, match="--queries is for layouts with identities"):
        tool.main(command)
