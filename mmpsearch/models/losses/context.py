"""What a re-ID loss is told: embeddings, person ids, and the context that it names."""

import inspect
from collections.abc import Mapping

from torch import Tensor, nn


def names_context(loss: nn.Module, name: str) -> bool:
    """Whether a loss's ``forward`` names this piece of context.

    Args:
        loss: called with ``(embeddings, person_ids, **context)``.
        name: such as ``unique_ids``.
    """
    return name in inspect.signature(loss.forward).parameters


def loss_in_context(
    loss: nn.Module,
    embeddings: Tensor,
    person_ids: Tensor,
    context: Mapping[str, Tensor],
) -> Tensor:
    """Call a re-ID loss with what it reads.

    Args:
        loss: its ``forward`` takes ``embeddings``, ``person_ids`` and, by name, any of
            the context; or all of it by ``**context``.
        embeddings: ``(N, D)``, any length.
        person_ids: ``(N,)`` int64, -1 without identity label.
        context: tensors of N rows that the caller knows.

    Returns:
        The loss's scalar.
    """
    kinds = [p.kind for p in inspect.signature(loss.forward).parameters.values()]
    if inspect.Parameter.VAR_KEYWORD not in kinds:
        context = {k: v for k, v in context.items() if names_context(loss, k)}
    return loss(embeddings, person_ids, **context)
