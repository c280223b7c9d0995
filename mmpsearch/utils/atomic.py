"""Replace files in one step: a reader sees the old file or the new one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replace_when_done(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary name in ``path``'s folder and rename it at the end.

    Folders that are missing are made. When the body fails, the temporary file is
    removed and ``path`` stays as it was. The temporary name keeps the suffix, by
    which many writers choose the format.

    Yields:
        The name to write to.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle, name = tempfile.mkstemp(
            ".tmp" + path.suffix, f".{path.stem}.", path.parent
        )
    except OSError as error:
        error.filename = str(path)  # the temporary name says nothing to the reader
        raise
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        mask = os.umask(0)  # mkstemp makes private files; give the usual rights
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
