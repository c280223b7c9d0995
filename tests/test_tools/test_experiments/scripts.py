"""Import the scripts of ``tools/experiments``, and run them without their tools."""

import importlib.util
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[3] / "tools" / "experiments"


def load(name: str) -> ModuleType:
    """A fresh copy of a script as a module."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def replace_tools(
    monkeypatch: pytest.MonkeyPatch,
    metrics: Callable[[str, dict[str, str]], dict],
    probes: Callable[[str, dict[str, str]], dict] | None = None,
) -> list[list[str]]:
    """Instead of running tools, write what they would write.

    Args:
        monkeypatch: pytest's.
        metrics: of a config and its ``key=value`` options; what training or testing
            is to find.
        probes: of the folder and the ``key=value`` options of a pre-training, or of
            tools/analysis_tools/probe_features.py; what its probe is to find.

    Returns:
        The calls, filled as they are made: the script and its arguments.
    """
    calls = []

    def run(command, **_):
        if command[0] == "git":
            return type("Done", (), dict(stdout="abc1234\n"))
        words = [str(word) for word in command[1:]]
        calls.append(words)
        options = dict(word.split("=", 1) for word in words if "=" in word)
        if Path(words[0]).name == "probe_features.py":
            out = Path(words[words.index("--out") + 1])
            out.write_text(json.dumps(probes(str(out.parent), options)))
        if Path(words[0]).name not in ("train.py", "test.py"):
            return None
        work = Path(words[words.index("--work-dir") + 1])
        (work / "20260101").mkdir(parents=True)
        (work / "last_checkpoint").write_text(f"{work}/last.pth")
        is_probed = probes is not None and "pretrain" in Path(words[1]).name
        found = probes(str(work), options) if is_probed else metrics(words[1], options)
        (work / "20260101" / "20260101.json").write_text(json.dumps(found))
        (work / "20260101" / "vis_data").mkdir()
        lines = ({"loss": 1.0}, {**found, "step": 1})
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (work / "20260101" / "vis_data" / "scalars.json").write_text(text)
        return None

    monkeypatch.setattr(subprocess, "run", run)
    return calls
