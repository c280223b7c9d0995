"""The catalogue: all models that the metafiles describe."""

import fnmatch
import os
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import yaml

import mmpsearch
from mmpsearch.zoo.entry import TASKS, Entry, read_entry
from mmpsearch.zoo.errors import ZooError

OWN = "MMPSEARCH_CATALOGUE"


def catalogue() -> dict[str, Entry]:
    """Every model by name, in the order of the metafiles.

    The metafiles are those that ``model-index.yml`` lists, of the repository or, in
    an installed package, of its folder ``.mim``. ``$MMPSEARCH_CATALOGUE`` names further
    metafiles or indices (separated as in ``$PATH``), whose models come first: one's
    own, or another address of a public one.

    Raises:
        ZooError: a metafile is missing, is no such file, or repeats a name.
    """
    own = tuple(p for p in os.environ.get(OWN, "").split(os.pathsep) if p)
    own = tuple(str(Path(path).expanduser().absolute()) for path in own)
    stamps = tuple(os.path.getmtime(p) if os.path.isfile(p) else 0 for p in own)
    return _read_all(own, stamps)


def list_models(
    pattern: str | None = None, task: str | None = None, with_weights: bool = False
) -> list[str]:
    """Names of models.

    Args:
        pattern: of the shell (``"spnet*prw"``), or a part of the name; None: all.
        task: ``"person-search"``, ``"detector"``, ``"embedder"``, ``"re-id"`` or
            ``"backbone"`` (start weights); None: all.
        with_weights: only those whose weights can be had by name.

    Returns:
        Names in alphabetical order.

    Raises:
        ZooError: there is no such task.
    """
    if task is not None and task not in TASKS:
        raise ZooError(f"task {task!r}: is not one of {', '.join(TASKS)}")
    if pattern is not None and not set(pattern) & set("*?["):
        pattern = f"*{pattern}*"
    return sorted(
        entry.name
        for entry in catalogue().values()
        if (task is None or entry.task == task)
        and (entry.files or not with_weights)
        and (
            pattern is None
            or any(
                fnmatch.fnmatch(name.lower(), pattern.lower())
                for name in (entry.name, *entry.aliases)
            )
        )
    )


def find(name: str) -> Entry:
    """The model of that name or alias.

    Raises:
        ZooError: there is none; the message has the nearest names.
    """
    known = catalogue()
    if name in known:
        return known[name]
    for entry in known.values():
        if name in entry.aliases:
            return entry
    names = [n for entry in known.values() for n in (entry.name, *entry.aliases)]
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise ZooError(
        f"there is no model named {name!r}; {hint}`mmpsearch models` lists all"
    )


def index_file() -> Path:
    """``model-index.yml`` of the repository, or of an installed package.

    Raises:
        ZooError: neither is there.
    """
    package = Path(mmpsearch.__file__).parent
    for folder in (package / ".mim", package.parent):
        if (folder / "model-index.yml").is_file():
            return folder / "model-index.yml"
    raise ZooError(
        f"the catalogue is missing: {package / '.mim' / 'model-index.yml'}; install "
        "mmpsearch again"
    )


@lru_cache(maxsize=4)
def _read_all(own: tuple[str, ...], stamps: tuple[float, ...]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for index in (*map(Path, own), index_file()):
        earlier = set(found)
        for metafile in _metafiles(index):
            for entry in _read_metafile(metafile, index.parent):
                if entry.name in earlier:
                    continue  # an own model stands in for the public one
                if entry.name in found:
                    other = found[entry.name].metafile
                    raise ZooError(
                        f"{metafile}: model {entry.name!r} is in {other} already"
                    )
                found[entry.name] = entry
    return found


def _metafiles(index: Path) -> list[Path]:
    content = _read_yaml(index)
    if "Import" not in content:
        return [index]
    listed = [*content["Import"], *content.get("Weights", ())]
    return [index.parent / name for name in listed]


def _read_metafile(metafile: Path, root: Path) -> list[Entry]:
    content = _read_yaml(metafile)
    collections = {item["Name"]: item for item in content.get("Collections") or []}
    return [
        read_entry(
            model, collections.get(model.get("In Collection"), {}), metafile, root
        )
        for model in content.get("Models") or []
    ]


def _read_yaml(path: Path) -> dict:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise ZooError(f"metafile {path}: is not readable: {reason}") from None
    if not isinstance(content, dict):
        raise ZooError(f"metafile {path}: has no Models")
    return content
