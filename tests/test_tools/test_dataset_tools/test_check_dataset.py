import importlib.util
import sys
from pathlib import Path

import pytest

from mmpsearch.datasets import CUHK03, Market1501
from mmpsearch.datasets.reid import Counts
from mmpsearch.datasets.synthetic import (
    make_crop_options,
    make_options,
    make_synthetic,
    make_synthetic_crops,
)

FOLDER = Path(__file__).parents[3] / "tools" / "dataset_tools"
COUNTS = {
    "train": Counts(12, 3, 4, (3, 3, 3, 3), 0),
    "query": Counts(4, 2, None, None, 0),
    "gallery": Counts(7, 3, None, None, 1),
}


@pytest.fixture
def tool(monkeypatch):
    monkeypatch.setattr(sys, "path", sys.path[:])
    path = FOLDER / "check_dataset.py"
    spec = importlib.util.spec_from_file_location("check_dataset_tool", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("COLUMNS", "200")
    return module


@pytest.fixture
def market(tmp_path, monkeypatch):
    """A rendered set whose numbers are the 'published' ones."""
    options = make_crop_options(
        *("market1501", False, 4),
        **dict(identities=3, test_identities=2, distractors=3, junk=1),
        **dict(width=16, height=32),
    )
    make_synthetic_crops(options, tmp_path / "set")
    monkeypatch.setattr(Market1501, "PUBLISHED", COUNTS)
    return tmp_path / "set"


def test_a_set_with_the_published_numbers_passes(tool, market, capsys):
    assert tool.main(["market1501", str(market), "--pictures", "-1"]) == 0
    out = capsys.readouterr().out
    assert "all as published" in out and "FAIL" not in out
    assert "is offered by its authors" in out
    line = next(line for line in out.splitlines() if "left out" in line)
    assert [cell.strip() for cell in line.split("│")[1:6]] == [
        *("train", "left out", "0", "0", "pass")
    ]


def test_what_differs_fails_and_bad_pictures_are_named(tool, market, capsys):
    first, second = sorted((market / "bounding_box_train").glob("*.jpg"))[:2]
    first.unlink()
    second.write_bytes(second.read_bytes()[:100])
    assert tool.main(["market1501", str(market), "--pictures", "-1"]) == 1
    out = capsys.readouterr().out
    assert "1 pictures cannot be read" in out and second.name in out
    row = next(x for x in out.splitlines() if "train" in x and "images" in x)
    assert [cell.strip() for cell in row.split("│")[3:6]] == ["12", "11", "FAIL"]
    assert "NOT as published" in out


def test_missing_listed_pictures_are_all_named(tool, tmp_path, capsys):
    people = dict(identities=3, test_identities=2, width=16, height=32)
    options = make_crop_options("msmt17", False, 4, **people)
    make_synthetic_crops(options, tmp_path / "set")
    gone = sorted((tmp_path / "set" / "test").glob("*/*.jpg"))
    for path in gone:
        path.unlink()
    assert tool.main(["msmt17_with_val", str(tmp_path / "set")]) == 1
    out = capsys.readouterr().out
    assert "8 pictures are missing" in out
    assert all(path.name in out for path in gone)


def test_missing_folder_is_said_once(tool, tmp_path, capsys):
    assert tool.main(["msmt17", str(tmp_path / "no")]) == 1
    out = capsys.readouterr().out
    assert out.count("is missing.") == 1 and "train, query, gallery: MSMT17" in out


def test_person_search_sets(tool, tmp_path, capsys):
    small = dict(scenes=6, gallery_scenes=4, identities=4, test_identities=4)
    options = make_options("cuhk_sysu", width=120, height=96, **small)
    root = tmp_path / "set"
    make_synthetic(options, root)
    assert tool.main(["cuhk_sysu", str(root)]) == 1
    out = capsys.readouterr().out
    row = next(x for x in out.splitlines() if "train" in x and "images" in x)
    assert [cell.strip() for cell in row.split("│")[3:6]] == ["11,206", "6", "FAIL"]
    assert "cannot be read" not in out
    # The known trap: a copy whose boxes have no identities.
    for path in (root / "annotation" / "test" / "train_test").iterdir():
        path.unlink()
    assert tool.main(["cuhk_sysu", str(root)]) == 1
    assert "hold boxes without identities" in capsys.readouterr().out


def test_every_name_knows_published_counts(tool):
    for name, build in tool.DATASETS.items():
        cls = getattr(build, "func", build)
        assert cls.REQUEST, name
    assert CUHK03("x", boxes="detected", lazy_init=True).published("train").images


def test_splits_of_sysu_mm01_are_told_apart(tool, tmp_path, capsys):
    people = dict(identities=4, test_identities=2, width=16, height=32)
    options = make_crop_options("sysu_mm01", crops_per_identity=6, **people)
    make_synthetic_crops(options, tmp_path / "set")
    assert tool.main(["sysu_mm01", str(tmp_path / "set")]) == 1
    out = capsys.readouterr().out
    found = {
        (cells[0].strip(), cells[3].strip())
        for cells in (line.split("│")[1:] for line in out.splitlines() if "│" in line)
        if cells[1].strip() == "images"
    }
    assert found == {
        *(("train", "18"), ("trainval (train)", "24")),
        *(("val (query)", "2"), ("val (gallery)", "4")),
        *(("query", "4"), ("gallery", "8")),
    }
