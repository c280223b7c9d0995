"""Modules are told what they name: a loss of its context, a backbone of its images."""

import inspect
from collections.abc import Mapping
from typing import Any

from torch import nn


def names_context(module: nn.Module, name: str) -> bool:
    """Whether a module's ``forward`` has an argument of this name."""
    return name in inspect.signature(module.forward).parameters


def call_in_context(module: nn.Module, *inputs: Any, context: Mapping[str, Any]) -> Any:
    """Call a module with its inputs and with what it names of the context.

    Args:
        module: a loss of ``(embeddings, person_ids)``, say, which names further
            arguments, or takes the whole context by ``**context``.
        *inputs: of every such module.
        context: name -> what the caller knows besides.

    Returns:
        What the module gives.
    """
    parameters = inspect.signature(module.forward).parameters.values()
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        context = {k: v for k, v in context.items() if names_context(module, k)}
    return module(*inputs, **context)
