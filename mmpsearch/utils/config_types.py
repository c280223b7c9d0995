"""What the ``type`` of a config means, and which keys it takes."""

import importlib
import inspect
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any

from mmengine.registry import Registry, root

# Looked through in this order where the place in the config does not say which.
REGISTRIES: dict[str, Registry] = {
    name: getattr(root, name)
    for name in (
        "MODELS",
        "TASK_UTILS",
        "WEIGHT_INITIALIZERS",
        "DATASETS",
        "TRANSFORMS",
        "DATA_SAMPLERS",
        "FUNCTIONS",
        "HOOKS",
        "METRICS",
        "EVALUATOR",
        "LOOPS",
        "OPTIMIZERS",
        "OPTIM_WRAPPERS",
        "OPTIM_WRAPPER_CONSTRUCTORS",
        "PARAM_SCHEDULERS",
        "LOG_PROCESSORS",
        "VISUALIZERS",
        "VISBACKENDS",
        "MODEL_WRAPPERS",
        "RUNNERS",
        "STRATEGIES",
    )
}
SCOPES = ("mmpsearch", "mmdet", "mmpretrain")
# What other projects call an argument, and what it is called here.
OTHER_NAMES = {"queue_len": "queue_size"}


def suggest(name: str, known: Iterable[str], cutoff: float = 0.7) -> str:
    """``"; did you mean 'x'?"``, or ``""`` where nothing is near."""
    names = [str(key) for key in known]
    near = [OTHER_NAMES[name]] if OTHER_NAMES.get(name) in names else []
    near = near or get_close_matches(name, names, n=1, cutoff=cutoff)
    return f"; did you mean '{near[0]}'?" if near else ""


def resolve(name: str, place: str) -> tuple[Any, str]:
    """Find what ``type=name`` builds.

    Args:
        name: value of a ``type`` key.
        place: key of `REGISTRIES` to look in first.

    Returns:
        The class or function, and ``""``; or None and what is wrong.
    """
    order = [place, *(other for other in REGISTRIES if other != place)]
    found = next(
        (target for key in order if (target := _get(REGISTRIES[key], name))), None
    )
    if "." in name:
        if found is not None:
            return found, ""
        short = name.split(".", 1)[1]
        same = next((s for key in order for s, n in _scoped(key) if n == short), None)
        names = {f"{s}.{n}" for key in order for s, n in _scoped(key)}
        hint = f"; did you mean '{same}.{short}'?" if same else suggest(name, names)
        if not hint and name.split(".")[0] not in ("mmengine", *SCOPES):
            return None, f"'{name}' is not found: {_why_not_imported(name)}"
        return None, f"'{name}' is not registered{hint}"
    if found is None:
        same = next((s for key in order for s, n in _scoped(key) if n == name), None)
        if same:
            return None, f"'{name}' has no scope; write '{same}.{name}'"
        names = {n for _, n in _scoped(place)} | set(REGISTRIES[place].module_dict)
        return None, f"'{name}' is not registered{suggest(name, names)}"
    if place == "WEIGHT_INITIALIZERS":  # MMEngine asks for 'Pretrained' by this name
        return found, ""
    scopes = sorted({s for s, n in _scoped(place) if n == name})
    if scopes:  # which one is meant would depend on the default scope
        choice = " or ".join(f"'{scope}.{name}'" for scope in ("mmengine", *scopes))
        return found, f"'{name}' has no scope and more than one meaning; write {choice}"
    return found, ""


def accepted_keys(target: Callable) -> set[str] | None:
    """Names of the arguments that a class or function takes by keyword.

    ``**kwargs`` that a constructor hands to ``super().__init__`` are followed to the
    base class.

    Returns:
        The names, or None where they cannot be decided.
    """
    if not inspect.isclass(target):
        known, rest = parameters(target)
        return None if rest else known
    names = set(getattr(target, "FORMER_ARGUMENTS", ()))
    for owner in target.__mro__:
        if "__init__" not in vars(owner):
            continue
        if owner is object:
            return names
        try:
            known, rest = parameters(owner.__init__)
        except (TypeError, ValueError):
            return None
        names |= known
        if rest is None:
            return names
        try:
            source = inspect.getsource(owner.__init__)
        except (OSError, TypeError):
            return None
        # super().__init__(a, f(b), **kwargs)
        call = rf"super\(.*?\)\.__init__\((?:[^()]|\([^()]*\))*\*\*{rest}\b"
        if not re.search(call, source, re.DOTALL):
            return None
    return names


def number_defaults(target: type) -> dict[str, float]:
    """Arguments of a class whose default is a number, and that take no text."""
    found: dict[str, float] = {}
    for owner in target.__mro__:
        try:
            given = inspect.signature(vars(owner).get("__init__", int)).parameters
        except (TypeError, ValueError):
            continue
        for name, parameter in given.items():
            plain = type(parameter.default) in (int, float)
            if plain and "str" not in str(parameter.annotation):
                found.setdefault(name, parameter.default)
    return found


def parameters(function: Callable) -> tuple[set[str], str | None]:
    """Names that can be given by keyword, and the name of ``**kwargs`` or None."""
    given = inspect.signature(function).parameters.values()
    rest = next((p.name for p in given if p.kind is p.VAR_KEYWORD), None)
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {p.name for p in given if p.kind in named} - {"self"}, rest


def _get(registry: Registry, name: str) -> Any:
    try:
        return registry.get(name)
    except RuntimeError:  # how mmengine says that there is none
        return None


def _why_not_imported(name: str) -> str:
    """What stops a class that a config names by its module's path.

    MMEngine tries the import and keeps the error to itself.
    """
    *parts, own = name.split(".")
    module = None
    for end in range(1, len(parts) + 1):
        path = ".".join(parts[:end])
        if inspect.isclass(getattr(module, parts[end - 1], None)):
            return f"'{path}' has no '{'.'.join([*parts[end:], own])}'"
        try:
            module = importlib.import_module(path)
        except ModuleNotFoundError as error:
            if error.name != path:
                return f"importing '{path}' failed: {error}"
            if module is not None:
                return f"the package '{module.__name__}' has no module '{path}'"
            return (
                f"no module '{path}' can be imported; name the folder that holds it in "
                f"PYTHONPATH, or install it"
            )
        except Exception as error:  # the user's module, whatever it does
            return f"importing '{path}' failed: {type(error).__name__}: {error}"
    return f"the module '{path}' has no '{own}'{suggest(own, vars(module))}"


@cache
def _scoped(place: str) -> tuple[tuple[str, str], ...]:
    """(scope, name) of everything registered under the scopes we know, in order."""
    registry = REGISTRIES[place]
    for scope in SCOPES:
        _get(registry, f"{scope}._")  # imports the scope's modules
    return tuple(
        (scope, name)
        for scope in SCOPES
        if scope in registry.children
        for name in registry.children[scope].module_dict
    )
