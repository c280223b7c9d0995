"""Data sets whose arguments are given under the names that they had before."""

import functools
import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any


def current_arguments(arguments: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """A data set's arguments under the names of today, with one warning of old ones.

    ``partition`` is ``split`` now, and a ``split`` that says how to divide own data
    (a dict or None) is ``split_by``. Where both names of one argument are given, as by
    a config written before this version over a base of this version, the last one
    holds.

    Args:
        arguments: by keyword, in the order given.
        owner: who takes them, for the warning.
    """
    found: dict[str, Any] = {}
    changes = []
    for name, value in arguments.items():
        new = name
        if name == "partition":
            new = "split"
        elif name == "split" and (value is None or isinstance(value, Mapping)):
            new = "split_by"
        if new != name:
            changes.append(f"{new}={value!r} in place of {name}={value!r}")
        found[new] = value
    if changes:
        warnings.warn(
            f"{owner}: write {' and '.join(changes)}; the old names go with the next "
            "version",
            FutureWarning,
            stacklevel=3,
        )
    return found


class FormerPartition:
    """Mixin: ``partition``, as ``split`` was called, is taken, and can be asked for.

    A subclass of a user may have been written for either name.
    """

    FORMER_ARGUMENTS = frozenset({"partition"})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "PARTITIONS" in vars(cls):
            _is_now(f"{cls.__name__}.PARTITIONS", "SPLITS")
            cls.SPLITS = cls.PARTITIONS
        if "__init__" in vars(cls):
            cls.__init__ = _with_current_arguments(cls.__init__)

    @property
    def partition(self) -> str:
        """``split``, under its former name."""
        _is_now("partition", "split")
        return self.split


def _with_current_arguments(init: Callable) -> Callable:
    takes_partition = "partition" in inspect.signature(init).parameters

    @functools.wraps(init)
    def wrapped(self, *args: Any, **kwargs: Any) -> None:
        if takes_partition:
            if isinstance(kwargs.get("split"), str):
                kwargs["partition"] = kwargs.pop("split")
        else:
            kwargs = current_arguments(kwargs, type(self).__name__)
        init(self, *args, **kwargs)

    return wrapped


def _is_now(old: str, new: str) -> None:
    warnings.warn(
        f"{old} is now {new}; the old name goes with the next version",
        FutureWarning,
        stacklevel=3,
    )
