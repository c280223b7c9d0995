"""JSON files that others wrote, with errors that name the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmpsearch.errors import DataLayoutError


def read_json(path: str | Path, object_hook: Callable | None = None) -> Any:
    """Content of a JSON file in UTF-8 (with or without byte-order mark).

    Args:
        path: The file.
        object_hook: Of ``json.loads``: sees every object as soon as it is read.

    Raises:
        DataLayoutError: It is no JSON, holds NaN or Infinity (which JSON does not
            have), a number of thousands of digits, or lists nested thousandfold.
    """
    try:
        return json.loads(
            Path(path).read_bytes().decode("utf-8-sig"),
            object_hook=object_hook,
            parse_constant=_refuse_constant,
        )
    except RecursionError as error:
        reason = "its objects are nested too deeply"
        raise DataLayoutError(f"{path} is damaged or not JSON: {reason}.") from error
    except ValueError as error:  # of JSON, of UTF-8 and of the length of numbers
        raise DataLayoutError(
            f"{path} is damaged or not JSON ({error}); download or write it again."
        ) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"it holds {name}, which is no number of JSON")
