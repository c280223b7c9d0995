"""One base for what users can put right, and the addresses it had before."""

import ast
import importlib
import inspect
import pickle
from pathlib import Path

import pytest

from mmpsearch import errors
from mmpsearch.errors import UserError

ROOT = Path(__file__).parents[1]
KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if kind.__module__ == errors.__name__
]
EARLIER = {
    "mmpsearch.apis": "GalleryError ImageReadError InputError ModelLoadError",
    "mmpsearch.datasets.person_search": "DataLayoutError",
    "mmpsearch.datasets.reid": "DataLayoutError",
    "mmpsearch.utils.check_config": "ConfigError",
    "mmpsearch.utils.checkpoint": "CheckpointError",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_users_error_that_survives_a_worker(kind):
    assert issubclass(kind, UserError)
    error = kind("a.jpg", "cut off") if kind is errors.ImageReadError else kind("gone")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind and str(again) == str(error)


@pytest.mark.parametrize("module", EARLIER)
def test_earlier_addresses_give_the_same_classes(module):
    found = importlib.import_module(module)
    for name in EARLIER[module].split():
        assert getattr(found, name) is getattr(errors, name)


def test_errors_lie_on_the_ground_floor():
    tree = ast.parse((ROOT / "mmpsearch/errors.py").read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert all(not node.module.startswith("mmpsearch") for node in imports)
    for file in (ROOT / "mmpsearch/utils").glob("*.py"):
        assert "mmpsearch.datasets" not in file.read_text(), file.name


def scripts():
    found = [*(ROOT / "tools").rglob("*.py"), *(ROOT / "demo").rglob("*.py")]
    # these run where the package is not installed, and raise none of its errors
    alone = {"release.py", "stage_site.py"}
    found = [file for file in found if file.name not in alone]
    return [file for file in found if "__main__" in file.read_text()]


@pytest.mark.parametrize("script", scripts(), ids=lambda file: file.name)
def test_every_program_ends_them_in_one_line(script):
    """Around everything, or by the same list of errors in ``main``."""
    tree = ast.parse(script.read_text())
    main = [node for node in tree.body if isinstance(node, ast.If)][-1]
    whole = "__main__" in ast.unparse(main.test)
    wrapped = whole and "with one_line_errors()" in ast.unparse(main)
    calls = "one_line_errors()" in script.read_text()
    hands_on = "mmpsearch.cli.main" in script.read_text()  # which does so
    assert wrapped or calls or hands_on or "except USER_ERRORS" in script.read_text()
