"""Which files of this machine the page may show: those below the media roots."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from mmpsearch.errors import InputError


class MediaRoots:
    """Folders below which pictures and videos may be read; nothing else ever is.

    Links are followed before a path is judged: a link that leads out of the roots is
    refused.

    Args:
        folders: The roots. None of them: no file may be read.
    """

    def __init__(self, folders: Iterable[str | os.PathLike] = ()) -> None:
        self.folders = tuple(dict.fromkeys(os.path.realpath(one) for one in folders))

    def allowed(self, path: str | os.PathLike) -> str:
        """The file or folder without links, if it lies below a root.

        Raises:
            InputError: It does not, or there is no such file.
        """
        text = os.fspath(path)
        real = "" if "\0" in text else os.path.realpath(text)
        if not real or not any(_below(real, root) for root in self.folders):
            raise InputError(
                f"{printable_name(text)} lies in none of the folders that this page "
                "may show (mmpsearch app --media FOLDER)"
            )
        if not os.path.exists(real):
            raise InputError(f"{printable_name(text)}: there is no such file or folder")
        return real


def _below(path: str, root: str) -> bool:
    return path == root or path.startswith(os.path.join(root, ""))


def folders_of(files: Sequence[str]) -> list[str]:
    """The folders that files lie in, without those below another of them."""
    found: list[str] = []
    for folder in sorted({os.path.dirname(file) for file in files}):
        if folder and os.path.isabs(folder):
            if not (found and _below(folder, found[-1])):
                found.append(folder)
    return found


def printable_name(path: str) -> str:
    """A file's name as it can be shown: one line of valid Unicode."""
    readable = path.encode("utf-8", "replace").decode("utf-8")
    return "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in readable
    )


def short_name(path: str) -> str:
    """A file's name without its folders, as it can be shown."""
    return printable_name(Path(path).name)
