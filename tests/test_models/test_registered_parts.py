"""Every registered part of a model is documented and exported where it lives."""

import importlib
import inspect

import pytest

from mmpsearch import models
from mmpsearch.registry import MODELS

MODELS.import_from_location()  # the packages are lazy
PARTS = {
    name: part
    for name, part in MODELS.module_dict.items()
    if part.__module__.startswith(models.__name__)
}


def test_the_registry_is_filled():
    assert {"SPNet", "OIMLoss", "ConvNeXt", "SPBlock"} <= PARTS.keys()


@pytest.mark.parametrize("name", sorted(PARTS))
def test_part(name):
    part = PARTS[name]
    assert part.__name__ == name
    package = importlib.import_module(part.__module__.rpartition(".")[0])
    assert getattr(package, name) is part
    assert name in package.__all__
    documentation = part.__dict__.get("__doc__") or ""
    assert len(documentation.split()) >= 5
    arguments = [
        argument
        for argument in inspect.signature(part.__init__).parameters.values()
        if argument.name != "self" and "Config" not in str(argument.annotation)
    ]
    for argument in arguments:
        assert argument.name in documentation, f"{name}({argument.name}) undocumented"


@pytest.mark.parametrize("name", sorted(PARTS))
def test_public_methods_are_documented(name):
    for method, function in inspect.getmembers(PARTS[name], inspect.isfunction):
        own = function.__module__.startswith(models.__name__)
        if own and not method.startswith("_"):
            assert inspect.getdoc(function), f"{name}.{method}"
