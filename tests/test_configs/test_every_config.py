"""Every config says what it is; tests/test_utils checks that it is valid."""

from pathlib import Path

import pytest

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
