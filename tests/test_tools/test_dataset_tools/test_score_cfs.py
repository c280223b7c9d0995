import runpy
from pathlib import Path

import pytest
import torch

from mmpsearch.datasets import LUPerson
from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops
from tests.test_models.test_selfsup.small import small_model

SCRIPT = Path(__file__).parents[3] / "tools" / "dataset_tools" / "score_cfs.py"


def score(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", [str(SCRIPT), *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(SCRIPT), run_name="__main__")
    return end.value.code


@pytest.fixture
def made(tmp_path):
    """A folder of six crops, and the options of two models."""
    crops = tmp_path / "crops"
    options = make_crop_options(
        "luperson", identities=3, crops_per_identity=2, width=16, height=32
    )
    make_synthetic_crops(options, crops)
    models = []
    for name, seed in (("before", 0), ("after", 1)):
        state = small_model(seed=seed).state_dict()
        torch.save(dict(state_dict=state), tmp_path / f"{name}.pth")
        models += [f"--{name}", tmp_path / f"{name}.pth"]
    return crops, models


def test_the_list_that_luperson_reads(made, monkeypatch):
    crops, models = made
    out = crops / "cfs.txt"
    assert score(monkeypatch, crops, *models, "--out", out, "--heads", 3) == 0
    scores = [float(line.split(",")[1]) for line in out.read_text().splitlines()]
    assert len(scores) == 6 and scores == sorted(scores, reverse=True)
    best = LUPerson(str(crops), image_list="cfs.txt", choice="first", fraction=0.5)
    assert len(best) == 3
    assert all(Path(best.get_data_info(i)["img_path"]).is_file() for i in range(3))
    same = [models[0], models[1], "--after", models[1]]
    assert score(monkeypatch, crops, *same, "--out", out, "--heads", 3) == 0
    lines = out.read_text().splitlines()
    assert all(line.endswith(",1.000000") for line in lines)
    assert lines == sorted(lines)
    assert score(monkeypatch, crops, *models, "--out", out) == 2  # --heads is needed


def test_a_broken_crop_is_left_out_and_a_link_followed(
    made, tmp_path, monkeypatch, capsys
):
    crops, models = made
    (crops / "images" / "broken.jpg").write_bytes(b"no picture")
    link = tmp_path / "elsewhere" / "link"
    link.parent.mkdir()
    link.symlink_to(crops, target_is_directory=True)
    out = tmp_path / "cfs.txt"
    assert score(monkeypatch, link, *models, "--out", out, "--heads", 3) == 0
    names = [line.split(",")[0] for line in out.read_text().splitlines()]
    assert len(names) == 6 and all((crops / name).is_file() for name in names)
    assert all(name.startswith("images/") for name in names)
    shown = capsys.readouterr()
    assert "1 file could not be read" in shown.err and "broken.jpg" in shown.err
    assert "wrote" in shown.out and "6 crops" in shown.out
