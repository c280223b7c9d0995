"""Packages whose names are imported when they are asked for (PEP 562)."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """What a package needs to give its subpackages' names without importing them.

    Args:
        package: its ``__name__``.
        homes: subpackage -> the names that it gives.

    Returns:
        ``__getattr__``, ``__dir__`` and ``__all__`` of the package.
    """
    home_of = {name: home for home, names in homes.items() for name in names}
    everything = sorted([*homes, *home_of])

    def get(name: str) -> Any:
        if name in home_of:
            return getattr(import_module(f"{package}.{home_of[name]}"), name)
        if name in homes:
            return import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return get, lambda: everything, everything
