"""Reading fields of data samples, which may be objects or dicts."""

from collections.abc import Sequence
from typing import Any

REQUIRED = object()


def read_field(
    sample: Any, field: str, metric: str, fields: Sequence[str], default: Any = REQUIRED
) -> Any:
    """``field`` of a sample.

    Args:
        sample: data sample, object or dict.
        field: name of what to read.
        metric: name of the metric that reads it, for the error message.
        fields: names of all that it needs, for the error message.
        default: value where the sample lacks the field; by default that is an error.

    Raises:
        ValueError: the sample lacks a field that has no default.
    """
    if isinstance(sample, dict):
        value = sample.get(field, default)
    else:
        value = getattr(sample, field, default)
    if value is REQUIRED:
        raise ValueError(
            f"a data sample has no '{field}'; {metric} needs {', '.join(fields)} "
            "(the model's predict adds the embedding, the packing transform the rest)"
        )
    return value
