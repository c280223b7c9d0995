"""Every config says what it is; tests/test_utils checks that it is valid."""

import ast
from pathlib import Path

import pytest
from mmengine.config import Config

from mmpsearch.utils.config_files import config_files

ROOT = Path(__file__).parents[2]
CONFIGS = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / "configs").rglob("*.py")
    if "_base_" not in path.parts
)


def test_there_are_configs():
    assert len(CONFIGS) >= 6


@pytest.mark.parametrize("config", CONFIGS)
def test_config_opens_with_its_command(config):
    text = (ROOT / config).read_text()
    assert text.startswith('"""'), "a config opens with a docstring"
    docstring = text.split('"""')[1]
    assert config in docstring, "the docstring shows the command"


BASE = ROOT / "configs" / "_base_"
FORMER = sorted(
    path.name
    for path in (BASE / "schedules").glob("*.py")
    if path.read_text().startswith('"""Former name of ')
)


def bases_of(path: Path) -> list[str]:
    """What a file itself has in its ``_base_``."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_base_":
            bases = ast.literal_eval(node.value)
            return [bases] if isinstance(bases, str) else bases
    return []


def lists_runtime(path: Path) -> bool:
    return any(base.endswith("_runtime.py") for base in bases_of(path))


@pytest.mark.parametrize("config", CONFIGS)
def test_a_config_or_the_one_that_it_inherits_lists_the_runtime(config):
    files = [file.path.resolve() for file in config_files(ROOT / config)]
    assert files.count(BASE / "default_runtime.py") == 1
    assert sum(BASE not in file.parents and lists_runtime(file) for file in files) == 1


def test_no_other_base_lists_the_runtime():
    found = {path.name for path in BASE.rglob("*.py") if lists_runtime(path)}
    assert found == {"cross_modality_runtime.py", *FORMER} and len(FORMER) == 7


@pytest.mark.parametrize("name", FORMER)
def test_a_former_schedule_still_brings_the_runtime_and_the_hooks(name):
    path = BASE / "schedules" / name
    with pytest.warns(FutureWarning, match=f"for schedules/{name}"):
        old = Config.fromfile(path)
    (schedule,) = (base for base in bases_of(path) if "_runtime" not in base)
    new = Config.fromfile(path.parent / schedule)
    assert old.default_scope == "mmpsearch" and "training_checks" in old.default_hooks
    assert old.train_cfg == new.train_cfg and old.optim_wrapper == new.optim_wrapper
    (hooks,) = [v for key, v in new.items() if key.endswith("_hooks")] or [[]]
    assert _without_probe(old.custom_hooks) == _without_probe(hooks)


def _without_probe(hooks):
    """Former schedules have no probe: there is nothing to validate beforehand."""
    return [one for one in hooks if "ValidateBeforeTraining" not in one["type"]]
