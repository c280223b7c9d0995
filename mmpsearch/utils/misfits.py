"""Parts of a model that do not fit together, by name instead of by traceback."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from mmengine.runner import Runner
from torch import nn

from mmpsearch.errors import ConfigError

# What PyTorch says when channels or sizes differ.
SHAPES = re.compile(
    r"shapes? cannot be multiplied|should contain \d+ elements|size mismatch"
    r"|must match the size|expected input\S* to have \d+ channels|expected \d+D"
    r"|not broadcastable|invalid for input of size|normalized_shape",
    re.IGNORECASE,
)


@contextmanager
def named_misfits(runner: Runner) -> Iterator[None]:
    """Say which part does not take what it is given, when the first iteration fails.

    Args:
        runner: whose training or test is run inside.

    Raises:
        ConfigError: in place of PyTorch's RuntimeError about shapes; with the part's
            name in the config's model.
    """
    try:
        yield
    except RuntimeError as error:
        if runner.iter > 0 or not SHAPES.search(str(error)):
            raise
        name, part = innermost(runner.model, error.__traceback__)
        reason = str(error).splitlines()[0]
        raise ConfigError(
            f"config: model.{name} ({type(part).__name__}) does not take what it is "
            f"given: {reason}; check the channels and sizes around it"
        ) from error


def innermost(
    model: nn.Module, traceback: TracebackType | None
) -> tuple[str, nn.Module]:
    """Name and module of the deepest part of ``model`` that was being called."""
    names = {id(module): name for name, module in model.named_modules() if name}
    found = ("", model)
    while traceback is not None:
        owner = traceback.tb_frame.f_locals.get("self")
        if id(owner) in names and isinstance(owner, nn.Module):
            found = names[id(owner)], owner
        traceback = traceback.tb_next
    return found
