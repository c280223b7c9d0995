"""``mmpsearch env``: versions and devices for a bug report, and nothing private."""

import getpass
import platform
import re
from importlib import metadata
from pathlib import Path

import pytest
import torch

from mmpsearch.cli.commands import env
from mmpsearch.cli.main import main
from mmpsearch.ops.mmcv_stand_in import is_stand_in
from mmpsearch.version import __version__


@pytest.fixture
def lines(capsys, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "a-secret-token")
    assert main(["env"]) == 0
    return capsys.readouterr().out.splitlines()


def test_versions_and_devices_are_those_that_run(lines):
    facts = dict(re.split(r":\s+", line, maxsplit=1) for line in lines)
    assert facts["mmpsearch"] == __version__
    assert facts["Python"] == platform.python_version()
    assert facts["torch"] == metadata.version("torch")
    assert facts["torch threads"] == str(torch.get_num_threads())
    assert facts["MMCV operators"].startswith("compiled") != is_stand_in()
    gpus = [value for name, value in facts.items() if re.match(r"GPU \d", name)]
    assert gpus == ["none"] or len(gpus) == max(1, torch.cuda.device_count())


def test_nothing_private_is_printed(lines):
    """No path, account, host name or value of an environment variable."""
    text = "\n".join(lines)
    assert "a-secret-token" not in text
    assert str(Path.home()) + "/" not in text
    assert str(Path(env.__file__).parents[3]) not in text
    words = set(re.findall(r"[\w.-]+", text))
    assert not words & {getpass.getuser(), platform.node()}
    assert not re.search(r"(^|\s)/\w", text)


def test_extras_are_named_with_what_is_missing():
    asked = [
        "torch>=2.4",
        'pytest>=8; extra == "dev"',
        "no-such-package-here; extra == 'dev'",
        'torch; python_version > "3" and extra == "app"',
    ]
    assert env.extras(asked) == {
        "app": f"torch {metadata.version('torch')}",
        "dev": f"pytest {metadata.version('pytest')}, no-such-package-here -",
    }


def test_an_original_package_is_named_where_it_stands_for_the_continued_one():
    assert env._first_version(("no-such-package-here", "pytest")) == (
        f"{metadata.version('pytest')} (pytest)"
    )
    assert env._first_version(("no-such-package-here",)) == "not installed"


@pytest.mark.parametrize("loads, wanted", [(True, "do not load"), (False, "no comp")])
def test_operators_that_do_not_load_are_told_without_their_path(
    monkeypatch, loads, wanted
):
    def stand_in():
        if loads:
            env.warnings.warn("/home/somebody/_ext.so", RuntimeWarning, stacklevel=1)
        return True

    monkeypatch.setattr("mmpsearch.ops.mmcv_stand_in.is_stand_in", stand_in)
    assert wanted in env._operators()
    assert "somebody" not in env._operators()
