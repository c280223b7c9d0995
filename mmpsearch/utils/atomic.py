"""Replace files in one step: a reader sees the old file or the new one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PROBE = bytes(65536)  # what a disk that was full does not take either


@contextmanager
def replace_when_done(path: str | os.PathLike, durable: bool = True) -> Iterator[Path]:
    """Give a temporary name in ``path``'s folder and rename it at the end.

    Folders that are missing are made. When the body fails, the temporary file is
    removed and ``path`` stays as it was. The temporary name keeps the suffix, by
    which many writers choose the format.

    Args:
        path: the file to write.
        durable: the file is on the disk before it takes its name, so that a power cut
            leaves the old file or the new one too. It costs some milliseconds: False
            for pictures by the thousand that are made again where they are missing.

    Yields:
        The name to write to.

    Raises:
        OSError: the disk is full, whatever the writer in the body made of it; with
            ``path`` as its ``filename``.
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
        try:
            yield temporary
            if durable:
                sync_file(temporary)
        except Exception as error:
            _raise_if_full(temporary, path, error)
            raise
        mask = os.umask(0)  # mkstemp makes private files; give the usual rights
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
        if durable:
            sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def sync_file(path: str | os.PathLike) -> None:
    """Wait until what was written to a file is on the disk.

    Raises:
        OSError: the disk did not take it.
    """
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def sync_folder(path: str | os.PathLike) -> None:
    """Make a rename in a folder durable, where the system can."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def _raise_if_full(temporary: Path, path: Path, error: Exception) -> None:
    """Raise an OSError where the body failed because the disk takes no more.

    Writers name it in many ways (PyTorch: a RuntimeError about its zip file), so the
    disk is asked once more.
    """
    if isinstance(error, OSError) and error.errno is not None:
        if error.filename in (None, str(temporary)):
            error.filename = str(path)
        return
    try:
        with open(temporary, "ab") as file:
            file.write(_PROBE)
            file.flush()
            os.fsync(file.fileno())
    except OSError as full:
        raise OSError(full.errno, os.strerror(full.errno), str(path)) from error
