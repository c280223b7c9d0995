"""The READMEs' tables of published numbers are those of the metafiles."""

import runpy
from pathlib import Path

import pytest

from mmpsearch.errors import InputError

ROOT = Path(__file__).parents[2]
METAFILE = """
Models:
  - Name: small
    Results:
      - {Dataset: PRW, Metrics: {mAP: 41.50, top-1: 80.0}}
      - {Dataset: PRW, Metrics: {AP: 90.1}}
"""
TABLES = """
main:
  - ["config", "PRW", "note"]
  - ["---", "---:", "---"]
  - ["`small.py`", "{small; PRW; mAP / top-1}", ""]
  - ["other", "12.3", "AP {small; PRW; AP}"]
"""
PAGE = "Before\n<!-- table main -->\nold\n<!-- /table main -->\nafter\n"
DRAWN = """Before
<!-- table main -->
| config | PRW | note |
|---|---:|---|
| `small.py` | 41.50 / 80.0 | |
| other | 12.3 | AP 90.1 |
<!-- /table main -->
after
"""


@pytest.fixture(scope="module")
def tool():
    return runpy.run_path(str(ROOT / "tools" / "docs" / "draw_readme_tables.py"))


def write(folder, metafile=METAFILE, tables=TABLES, page=PAGE):
    (folder / "metafile.yml").write_text(metafile)
    (folder / "tables.yml").write_text(tables)
    (folder / "README.md").write_text(page)
    return folder / "tables.yml"


def every_table():
    return sorted((ROOT / "configs").rglob("tables.yml"))


@pytest.mark.parametrize("tables", every_table(), ids=lambda path: path.parent.name)
def test_the_readmes_are_up_to_date(tool, tables):
    page, text = tool["drawn_page"](tables)
    assert page.read_text(encoding="utf-8") == text, (
        f"{page}: run python tools/docs/draw_readme_tables.py"
    )


def test_numbers_stand_as_in_the_metafile(tool, tmp_path):
    page, text = tool["drawn_page"](write(tmp_path))
    assert page == tmp_path / "README.md"
    assert text == DRAWN
    page.write_text(text)
    assert tool["drawn_page"](tmp_path / "tables.yml")[1] == DRAWN


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tables": TABLES.replace("mAP /", "map /")}, "no small; PRW; map"),
        ({"tables": TABLES.replace(', ""]', "]")}, "has not 3 cells"),
        ({"page": PAGE.replace("/table main", "/table mian")}, "needs one"),
        ({"page": PAGE + PAGE}, "needs one"),
        ({"metafile": METAFILE.replace("AP: 90.1", "mAP: 90.1")}, "two numbers"),
    ],
)
def test_a_wrong_table_is_refused(tool, tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        tool["drawn_page"](write(tmp_path, **change))


def test_check_writes_nothing(tool, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "configs" / "method"
    folder.mkdir(parents=True)
    write(folder)
    monkeypatch.setitem(tool["main"].__globals__, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["draw_readme_tables.py", "--check"])
    assert tool["main"]() == 1
    assert (folder / "README.md").read_text() == PAGE
    assert "out of date" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["draw_readme_tables.py"])
    assert tool["main"]() == 0
    assert (folder / "README.md").read_text() == DRAWN
    monkeypatch.setattr("sys.argv", ["draw_readme_tables.py", "--check"])
    assert tool["main"]() == 0
