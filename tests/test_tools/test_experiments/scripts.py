"""Import the scripts of ``tools/experiments``."""

import importlib.util
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[3] / "tools" / "experiments"


def load(name: str) -> ModuleType:
    """A fresh copy of a script as a module."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
