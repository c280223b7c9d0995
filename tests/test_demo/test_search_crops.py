"""The command line, run in this process."""

import importlib.util
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from PIL import Image

from mmpsearch.registry import MODELS
from tests.test_apis.crop_model import (
    BLUE,
    RED,
    config,
    crop,
    two_stem_weights,
    two_stems,
)

DEMO = Path(__file__).parents[2] / "demo" / "search_crops.py"


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    """Call the demo in a folder with a model and crops."""
    spec = importlib.util.spec_from_file_location("search_crops", DEMO)
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    Config(config()).dump("tiny.py")
    torch.manual_seed(0)
    torch.save(MODELS.build(config()["model"]).state_dict(), "w.pth")
    (tmp_path / "crops").mkdir()
    for name, colour, seed in (("1_a", RED, 1), ("2_a", BLUE, 2)):
        picture = Image.fromarray(crop(colour, seed=seed)[:, :, ::-1])
        picture.save(f"crops/{name}.png")
    Image.fromarray(crop(RED)[:, :, ::-1]).save("1_query.png")

    def call(words):
        code = demo.main(
            ["--config", "tiny.py", "--checkpoint", "w.pth", *words.split()]
        )
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


def test_ranked_and_judged(run, tmp_path):
    code, out, _ = run(r"--query 1_query.png --gallery crops --id-pattern ^(\d+)_")
    assert code == 0
    lines = [line for line in out.splitlines() if "_a.png" in line]
    assert "1_a.png" in lines[0] and "yes" in lines[0]
    assert "2_a.png" in lines[1] and " no " in lines[1]
    assert "ranked/ranked.html" in out
    assert "same person" in (tmp_path / "ranked" / "ranked.html").read_text()


@pytest.mark.parametrize(
    "words, message",
    [
        ("--query none.png --gallery crops", "none.png"),
        (r"--query 1_query.png --gallery crops --id-pattern x(\d)", "gives no number"),
        ("--query 1_query.png --gallery crops --id-pattern (", "--id-pattern"),
    ],
)
def test_errors_are_one_line(run, words, message):
    code, _, err = run(words)
    assert code == 2 and message in err and err.count("\n") == 1


def test_infrared_queries(run):
    Config(two_stems()).dump("tiny.py")
    two_stem_weights("w.pth")
    words = "--query 1_query.png --gallery crops"
    for missing in ("--query-modality ir", "--gallery-modality rgb"):
        code, _, err = run(f"{words} {missing}")
        assert code == 2 and "--query-modality and --gallery-mod" in err
        assert err.count("\n") == 1
    best = {}
    for query in ("rgb", "ir"):
        code, out, _ = run(
            f"{words} --query-modality {query} --gallery-modality rgb --top-k 1"
        )
        assert code == 0
        best[query] = out.partition("best similarity is ")[2].split()[0]
    assert best["rgb"] != best["ir"]


def test_a_config_for_scenes_is_one_line(run):
    base = DEMO.parents[1] / "configs/spnet/spnet-tiny_r18_oc-finetune_synthetic.py"
    Path("tiny.py").write_text(f"_base_ = {str(base)!r}\n")
    model = MODELS.build({**Config.fromfile(base).model, "train_pathway": None})
    torch.save(model.state_dict(), "w.pth")
    code, _, err = run("--query 1_query.png --gallery crops")
    assert code == 2 and err.count("\n") == 1
    assert "tiny.py is a person-search model" in err and "search_person.py" in err
