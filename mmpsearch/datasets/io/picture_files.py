"""Pictures below a folder: one list of file endings and one walk for all readers."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

PICTURE_SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .bmp .dib .gif .webp .avif .jp2 .tif .tiff .ppm .pgm "
    ".pbm .pnm".split()
)
# Left behind by file managers, notebooks, archives and this project's own cache.
TOOL_FOLDERS = frozenset(["__MACOSX", "__pycache__", "@eaDir"])
SILENT = frozenset([".DS_Store", "Thumbs.db", "desktop.ini", ".mmpsearch_cache"])

FOLDER, WANTED = "folder", "wanted"
# Reasons for leaving something out.
HIDDEN = "hidden or made by a tool"
OTHER = "with another ending"
ENDLESS = "links to a folder that is read already"
BROKEN = "links to nothing"
SPECIAL = "neither file nor folder"
CLOSED = "folders that cannot be opened"


def has_suffix(name: str | os.PathLike, suffixes: Collection[str]) -> bool:
    """Whether a file name ends with one of the lower-case endings, in any case."""
    return os.path.splitext(name)[1].lower() in suffixes


def is_picture(name: str | os.PathLike) -> bool:
    """Whether a file name is that of a picture and not hidden."""
    return has_suffix(name, PICTURE_SUFFIXES) and not is_hidden(Path(name).name)


def is_hidden(name: str) -> bool:
    """Whether an entry is hidden, or a tool's and not the user's."""
    return name.startswith(".") or name in TOOL_FOLDERS or name in SILENT


@dataclass
class LeftOut:
    """What a walk passed over: reason -> number of entries, and the first of each.

    Attributes:
        counts: reason (a constant of this module) -> number.
        first: reason -> path of the first one.
    """

    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, reason: str, path: str) -> None:
        """Count one entry, unless it is one that nobody misses."""
        if os.path.basename(path) not in SILENT:
            self.counts[reason] = self.counts.get(reason, 0) + 1
            self.first.setdefault(reason, path)

    def update(self, other: LeftOut) -> None:
        """Add what another walk passed over."""
        for reason, count in other.counts.items():
            self.counts[reason] = self.counts.get(reason, 0) + count
            self.first.setdefault(reason, other.first[reason])

    @property
    def total(self) -> int:
        """Number of entries."""
        return sum(self.counts.values())

    def __bool__(self) -> bool:
        return bool(self.counts)

    def __str__(self) -> str:
        """One line: ``3 with another ending (first a/notes.txt), 1 links to nothing
        (first a/b.jpg)``."""
        return ", ".join(
            f"{count} {reason} (first {self.first[reason]})"
            for reason, count in self.counts.items()
        )


@dataclass
class FoundFiles:
    """Files of a walk.

    Attributes:
        paths: The folder joined with each file; a folder's files before those of its
            sub-folders, both sorted by name.
        left_out: What was passed over.
    """

    paths: list[str]
    left_out: LeftOut


def find_files(
    folder: str | os.PathLike, suffixes: Collection[str] = PICTURE_SUFFIXES
) -> FoundFiles:
    """Walk a folder tree for files with some endings.

    Linked files and folders are followed; a folder that can be reached twice (a link
    to a parent, say) is read once, under its own name where it has one below
    ``folder``. Hidden entries and those of tools (``__MACOSX``,
    ``.ipynb_checkpoints``) are passed over. Whatever is passed over is counted, but
    for a file manager's own files.

    Args:
        folder: Where to begin.
        suffixes: Lower-case endings with their dot.

    Raises:
        OSError: ``folder`` itself cannot be opened.
    """
    root, left_out = os.fspath(folder), LeftOut()
    os.scandir(root).close()
    seen: set[tuple[int, int]] = set()
    names: dict[tuple[str, ...], list[str]] = {}
    linked: list[tuple[str, ...]] = []
    waiting: list[tuple[str, ...]] = [()]
    while waiting or linked:
        # Links come after all real folders, so that these keep their own names.
        parts = waiting.pop() if waiting else linked.pop(0)
        place = os.path.join(root, *parts)
        if not _first_visit(place, seen):
            left_out.add(ENDLESS, place)
            continue
        files = names.setdefault(parts, [])
        for entry in _entries(place, left_out):
            kind = _kind(entry, suffixes)
            if kind == FOLDER:
                (linked if entry.is_symlink() else waiting).append((*parts, entry.name))
            elif kind == WANTED:
                files.append(entry.name)
            else:
                left_out.add(kind, entry.path)
    paths = [
        os.path.join(root, *parts, name)
        for parts in sorted(names)
        for name in sorted(names[parts])
    ]
    return FoundFiles(paths, left_out)


def pictures_in(folder: str | os.PathLike, left_out: LeftOut) -> list[str]:
    """Sorted names of the pictures of one folder, without its sub-folders.

    ``left_out`` receives everything else.
    """
    names = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            kind = _kind(entry, PICTURE_SUFFIXES)
            if kind == WANTED:
                names.append(entry.name)
            else:
                left_out.add(OTHER if kind == FOLDER else kind, entry.path)
    return names


def _kind(entry: os.DirEntry, suffixes: Collection[str]) -> str:
    """FOLDER, WANTED, or the reason why an entry is left out."""
    if is_hidden(entry.name):
        return HIDDEN
    try:
        if entry.is_dir():
            return FOLDER
        if entry.is_file():
            return WANTED if has_suffix(entry.name, suffixes) else OTHER
    except OSError:  # a link to itself
        return BROKEN
    return BROKEN if entry.is_symlink() else SPECIAL


def _first_visit(folder: str, seen: set[tuple[int, int]]) -> bool:
    """Whether a folder was not seen yet; it is from now on."""
    try:
        stat = os.stat(folder)
    except OSError:
        return True  # opening it will say why
    key = stat.st_dev, stat.st_ino
    first = key not in seen
    seen.add(key)
    return first


def _entries(folder: str, left_out: LeftOut) -> Iterator[os.DirEntry]:
    """Entries of a folder sorted by name; none where it cannot be opened."""
    try:
        with os.scandir(folder) as entries:
            yield from sorted(entries, key=lambda entry: entry.name)
    except OSError:
        left_out.add(CLOSED, folder)
