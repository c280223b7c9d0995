"""Old import paths still work, with one warning each."""

import importlib
import subprocess
import sys

import pytest
import torch

from mmpsearch import moved

OLD_EXAMPLES = {
    "mmpsearch.models.search_heads": "SearchHead",
    "mmpsearch.models.search_heads.base": "HeadLosses",
    "mmpsearch.models.structures": "GroundTruth",
    "mmpsearch.models.heads.box_embedder": "BoxEmbedder",
    "mmpsearch.models.person_search.spnet_search": "SearchSettings",
}


@pytest.mark.parametrize("name", sorted(moved.MODULES))
def test_an_old_module_gives_the_classes_of_the_new_one(name):
    sys.modules.pop(name, None)
    with pytest.warns(FutureWarning, match=name):
        old = importlib.import_module(name)
    for place in moved.MODULES[name]:
        new = importlib.import_module(place)
        own = {k: v for k, v in vars(new).items() if not k.startswith("_")}
        assert own and all(getattr(old, key) is value for key, value in own.items())


def test_what_users_wrote_still_works():
    lines = [
        f"from {name} import {attribute}; print({attribute}.__module__)"
        for name, attribute in OLD_EXAMPLES.items()
    ]
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", "\n".join(lines)],
        capture_output=True,
        text=True,
        check=True,
    )
    places = done.stdout.split()
    assert len(places) == len(OLD_EXAMPLES)
    assert all(p.startswith("mmpsearch.models.person_search.") for p in places)
    for name in OLD_EXAMPLES:
        assert done.stderr.count(f"FutureWarning: {name} is now") == 1


@pytest.mark.parametrize(
    ("package", "name"),
    [(package, name) for package, names in moved.NAMES.items() for name in names],
)
def test_a_package_still_gives_the_classes_that_moved(package, name):
    old = importlib.import_module(package)
    vars(old).pop(name, None)  # an old module of that name, if a test imported it
    with pytest.warns(FutureWarning, match=f"{package}.{name} is now"):
        found = getattr(old, name)
    assert found.__name__ == name


def test_a_function_is_called_by_the_module_that_has_its_name():
    name = "mmpsearch.models.layers.partition"
    sys.modules.pop(name, None)
    with pytest.warns(FutureWarning, match=f"{name} is now"):
        importlib.import_module(name)
    layers = importlib.import_module("mmpsearch.models.layers")
    found = layers.partition(torch.arange(8.0).view(1, 1, 2, 4), rows=1, cols=2)
    assert [part.flatten().tolist() for part in found] == [[0, 1, 4, 5], [2, 3, 6, 7]]


def test_a_name_that_never_was_is_no_name():
    heads = importlib.import_module("mmpsearch.models.heads")
    with pytest.raises(AttributeError, match="no attribute 'Nobody'"):
        _ = heads.Nobody
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("mmpsearch.models.nobody")
