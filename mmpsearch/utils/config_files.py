"""Which variables of a config's files are meant for the runner, and which help."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from mmengine.fileio import load


@dataclass(frozen=True)
class ConfigFile:
    """Names that one Python config assigns, and those that it reads."""

    path: Path
    assigned: frozenset[str]
    read: frozenset[str]


def config_files(path: str | Path) -> list[ConfigFile]:
    """A config and the files of its ``_base_``, itself first.

    Bases in packages (``mmpsearch::…``, ``mmdet::…``) are found where MMEngine finds
    them. What is neither Python, YAML nor JSON is left out.
    """
    path = Path(path)
    if path.suffix in (".yaml", ".yml", ".json") and path.is_file():
        return _data_files(path)
    if path.suffix != ".py" or not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    for node in ast.walk(tree):  # _base_.x, and "{{_base_.x}}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            read.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.strip().startswith("{{"):
                read.add(node.value.strip("{} ").split(".")[-1])
    assigned = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return [
        ConfigFile(path, frozenset(assigned), frozenset(read)),
        *_files_of(_bases(tree), path.parent),
    ]


def packaged_config(name: str) -> Path | None:
    """The file of ``PACKAGE::METHOD/NAME.py``; None where the name is not such a one.

    Args:
        name: as ``_base_`` takes it.
    """
    package, separator, place = name.partition("::")
    found = find_spec(package) if separator and package.isidentifier() else None
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / ".mim" / "configs" / place


def _files_of(bases: Iterable[str], folder: Path) -> list[ConfigFile]:
    """`config_files` of all bases of a config in ``folder``."""
    places = [packaged_config(base) or folder / base for base in bases]
    return [file for place in places for file in config_files(place)]


def _data_files(path: Path) -> list[ConfigFile]:
    """`config_files` of a config that is data, whose bases may be Python."""
    content = load(path)
    content = content if isinstance(content, dict) else {}
    text = path.read_text(encoding="utf-8")
    read = re.findall(r"\{\{\s*_base_\.(?:\w+\.)*(\w+)\s*\}\}", text)
    bases = content.get("_base_") or []
    bases = [bases] if isinstance(bases, str) else bases
    return [
        ConfigFile(path, frozenset(content), frozenset(read)),
        *_files_of(bases, path.parent),
    ]


def is_written_out(files: Iterable[ConfigFile]) -> bool:
    """Whether a config is one file that refers to nothing, as MMEngine writes them.

    What helped to write it cannot be told from what has no effect there.
    """
    files = list(files)
    return len(files) == 1 and files[0].read <= {"dict"}


def unread(name: str, files: Iterable[ConfigFile]) -> Path | None:
    """A file that assigns ``name`` although neither it nor a child reads it.

    MMEngine takes any top-level variable for a key. One that is read helps to write
    the config; one that is not has no effect: a misspelt key, or a list such as
    ``train_pipeline`` that the base's data loader was already made of.

    Args:
        name: a top-level key that the runner does not know.
        files: see `config_files`.

    Returns:
        The file, or None where every assignment is read.
    """
    read = False
    for file in files:  # children before their bases
        read |= name in file.read
        if name in file.assigned and not read:
            return file.path
    return None


def _bases(tree: ast.Module) -> list[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "_base_"
            for target in node.targets
        ):
            value = ast.literal_eval(node.value)
            return [value] if isinstance(value, str) else list(value)
    return []
