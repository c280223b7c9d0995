"""The notebooks run, and print what they were kept with."""

import re

import pytest

from .pages import ROOT, relative_links

NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))
NUMBER = re.compile(r"-?\d+\.\d+")


@pytest.fixture
def execute(tmp_path):
    """Runs a notebook in a folder that looks like the repository; its notebook."""
    nbformat = pytest.importorskip("nbformat", reason="pip install -e '.[dev]'")
    client = pytest.importorskip("nbclient", reason="pip install -e '.[dev]'")
    for name in ("configs", "demo", "tools"):
        (tmp_path / name).symlink_to(ROOT / name, target_is_directory=True)

    def run(path):
        notebook = nbformat.read(path, as_version=4)
        place = {"metadata": {"path": str(tmp_path)}}
        client.NotebookClient(notebook, timeout=600, resources=place).execute()
        return notebook

    return run


def printed(notebook, cell_with: str) -> str:
    """What the one code cell with some text printed."""
    (cell,) = (
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and cell_with in cell.source
    )
    streams = (output for output in cell.outputs if output.output_type == "stream")
    return "".join(output.text for output in streams if output.name == "stdout")


def kept(name: str):
    nbformat = pytest.importorskip("nbformat", reason="pip install -e '.[dev]'")
    return nbformat.read(ROOT / f"docs/notebooks/{name}.ipynb", as_version=4)


def test_a_person_is_found(execute):
    before = kept("search_your_photographs")
    after = execute(ROOT / "docs/notebooks/search_your_photographs.ipynb")
    expected, found = (printed(nb, "search_person(gallery") for nb in (before, after))
    names = re.findall(r"\w+\.jpg", expected)
    assert len(names) == 6 and re.findall(r"\w+\.jpg", found) == names
    similarities = [float(each.split()[1]) for each in expected.splitlines()]
    again = [float(each.split()[1]) for each in found.splitlines()]
    assert again == pytest.approx(similarities, abs=0.01)


def test_a_model_is_evaluated(execute):
    before = kept("evaluate_a_model")
    after = execute(ROOT / "docs/notebooks/evaluate_a_model.ipynb")
    for cell in ("for name in", "again = {"):
        expected, found = (NUMBER.findall(printed(nb, cell)) for nb in (before, after))
        assert len(expected) >= 6
        assert list(map(float, found)) == pytest.approx(
            list(map(float, expected)), abs=0.02
        )


def test_a_pretraining_is_probed(execute):
    after = execute(ROOT / "docs/notebooks/pretrain_and_probe.ipynb")
    rows = printed(after, "before, after =").splitlines()[1:]
    probes = {name: (float(a), float(b)) for name, a, b in map(str.split, rows)}
    assert set(probes) == {"frozen_mAP", "probe_mAP", "effective_rank"}
    for before, trained in probes.values():
        assert 0 < before < trained


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_of_a_notebook_hold(path):
    for cell in kept(path.stem).cells:
        if cell.cell_type == "markdown":
            for link in relative_links(cell.source):
                assert (path.parent / link.partition("#")[0]).exists(), link
