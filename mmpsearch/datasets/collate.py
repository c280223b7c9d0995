"""How the samples of a batch travel from a worker to the training process."""

from collections.abc import Sequence
from typing import Any

from mmengine.dataset import pseudo_collate
from torch import Tensor
from torch.utils.data import default_collate

from mmpsearch.registry import FUNCTIONS


@FUNCTIONS.register_module()
def stack_views(batch: Sequence[dict]) -> dict[str, Any]:
    """MMEngine's ``pseudo_collate``, with pictures of one size as one tensor.

    A worker hands every tensor over in a piece of shared memory with a file descriptor
    of its own. MMEngine allows 4,096 of them, of which nine views of 128 pictures take
    a quarter; with several workers and batches ahead that crashes or hangs. Stacked,
    a batch has one tensor per view, which is pinned and copied to a GPU at once.

    Args:
        batch: samples, dicts whose tensors may lie in lists (of views).

    Returns:
        A dict; where a list of tensors would be, all of one shape, is a tensor with
        the samples along its first axis. Everything else is in lists.
    """
    return {key: _stacked(values) for key, values in pseudo_collate(batch).items()}


def _stacked(values: Any) -> Any:
    if not isinstance(values, list | tuple) or not values:
        return values
    if all(isinstance(value, list | tuple) for value in values):
        return [_stacked(value) for value in values]
    if all(isinstance(value, Tensor) for value in values):
        if len({(value.shape, value.dtype) for value in values}) == 1:
            return default_collate(list(values))  # directly into shared memory
    return values
