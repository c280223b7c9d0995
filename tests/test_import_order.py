"""Imports run one way: every room knows only rooms before it, and nothing is a circle.

All imports count: those inside functions, and those for typing alone.
"""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mmpsearch"

# A room may import rooms before it, and modules of its own. The longest name counts: a
# package that stands behind its rooms is its own `__init__.py` and what has no place of
# its own.
ORDER = """
version
errors
lazy
moved
utils
registry
structures
evaluation.functional
ops
datasets.io
datasets.transforms
datasets.samplers
datasets
visualization
gallery
models.layers
models.losses
models.training_facts
models.runner_model
models.training_follower
models.backbones
models.necks
models.heads
models.reid
models.selfsup
models.unsupervised
models.person_search.base
models.person_search.structures
models.person_search.predictions
models.person_search.region_sampling
models.person_search.spnet
models.person_search.two_stage
models.person_search.gfn
models.person_search.two_step
models.person_search
models.converters
models
zoo
evaluation
engine
apis
archive
app
cli
__main__
""".split()

# Before them in the order, but none of their business.
STRANGERS = [
    ("models", "ops"),  # speed-ups are a pass over a built model
    ("models", "visualization"),
    ("models", "gallery"),
    ("models.person_search.two_stage", "models.person_search.spnet"),
    ("models.person_search.gfn", "models.person_search.spnet"),
    ("models.losses", "datasets"),
    ("models.layers", "datasets"),
    ("models.layers", "evaluation"),
    ("models.losses", "evaluation"),
    ("apis", "engine"),
]


def module_names(package=PACKAGE):
    """Every module of a package and its file, by name without the package's."""
    names = {}
    for file in package.rglob("*.py"):
        parts = file.relative_to(package).with_suffix("").parts
        names[".".join(p for p in parts if p != "__init__")] = file
    return names


def imports(name, file, modules, package="mmpsearch"):
    """Names of the package's modules that a file imports, anywhere in its text."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            given = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = [package, *name.split(".")] if name else [package]
                drop = node.level - (file.name == "__init__.py")
                parents = here[: len(here) - drop]
                base = ".".join([*parents, *filter(None, [node.module])])
            given = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for target in given:
            start, _, rest = target.partition(".")
            if start == package:
                module = rest if rest in modules else rest.rpartition(".")[0]
                found.add(module)
    return found - {name}


def room(module, order=ORDER):
    """The longest entry of the order that the module belongs to; None: it has none."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if (name := ".".join(parts[:length])) in order:
            return name
    return None


def belongs(module, name):
    return module == name or module.startswith(f"{name}.")


def find_circle(graph):
    """Modules that import each other in a ring; [] where there is none."""
    done, trail = set(), []

    def visit(node):
        if node in trail:
            return [*trail[trail.index(node) :], node]
        if node in done:
            return []
        trail.append(node)
        for target in sorted(graph.get(node, ())):
            if circle := visit(target):
                return circle
        trail.pop()
        done.add(node)
        return []

    for node in sorted(graph):
        if circle := visit(node):
            return circle
    return []


@pytest.fixture(scope="module")
def graph():
    modules = module_names()
    return {name: imports(name, file, modules) for name, file in modules.items()}


def test_every_module_has_its_place(graph):
    homeless = [name for name in graph if name and room(name) is None]
    assert not homeless, f"give them a place in ORDER: {homeless}"


def test_no_room_knows_a_later_one(graph):
    upward = [
        f"{name} -> {target}"
        for name, targets in sorted(graph.items())
        for target in sorted(targets)
        if name and target and ORDER.index(room(name)) < ORDER.index(room(target))
    ]
    assert not upward


@pytest.mark.parametrize(("one", "other"), STRANGERS)
def test_strangers_stay_strangers(graph, one, other):
    met = [
        f"{name} -> {target}"
        for name, targets in graph.items()
        for target in targets
        if belongs(name, one) and belongs(target, other)
    ]
    assert not met


def test_there_is_no_circle(graph):
    assert not find_circle(graph)


def test_the_package_itself_imports_next_to_nothing(graph):
    assert graph[""] <= {"moved", "version", "ops.mmcv_stand_in"}


def test_imports_are_absolute():
    relative = [
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not relative


def test_what_is_read_as_an_import(tmp_path):
    folder = tmp_path / "house"
    (folder / "room").mkdir(parents=True)
    texts = {
        "__init__": "",
        "low": "",
        "high": "import house.low",
        "room/__init__": "from .one import X",
        "room/one": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
        "    from house.room import two\n",
        "room/two": "def f():\n    from ..high import Y\n    from .one import X\n",
    }
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    modules = module_names(folder)
    found = {n: imports(n, f, modules, "house") for n, f in modules.items()}
    assert found == {
        "": set(),
        "low": set(),
        "high": {"low"},
        "room": {"room.one"},
        "room.one": {"room.two"},
        "room.two": {"high", "room.one"},
    }
    assert find_circle(found) == ["room.one", "room.two", "room.one"]
    assert room("room.two", ["low", "room"]) == "room"
    assert room("roomy", ["room"]) is None
