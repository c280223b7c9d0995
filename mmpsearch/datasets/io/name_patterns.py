"""Regular expressions that find a person or a camera in a file's name."""

from __future__ import annotations

import re
from pathlib import PurePath

from mmpsearch.errors import DataLayoutError, DataOptionError


def compiled(pattern: str | None, option: str) -> re.Pattern | None:
    """A regular expression with a group, compiled; None for None.

    Raises:
        DataOptionError: It is none, or has no group.
    """
    if pattern is None:
        return None
    try:
        found = re.compile(pattern)
    except (re.error, TypeError) as error:
        raise DataOptionError(
            f"{option}={pattern!r} is no regular expression: {error}"
        ) from error
    if not found.groups:
        raise DataOptionError(
            f"{option}={pattern!r} has no group; put what is meant in brackets, such "
            r"as '_c(\d+)'"
        )
    return found


def name_by(pattern: re.Pattern, path: PurePath | str, option: str) -> str:
    """The pattern's first group in a file's name, the folders above it, or both.

    Raises:
        DataLayoutError: It is found in none of them.
    """
    path = PurePath(path)
    places = (path.name, path.parent.as_posix(), path.as_posix())
    found = next(filter(None, map(pattern.search, places)), None)
    if found is None or found[1] is None:
        raise DataLayoutError(
            f"{path}: {option} {pattern.pattern!r} is not found in the file name."
        )
    return found[1]
