"""How much room the gallery and the page take."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Storage:
    """Bytes.

    Attributes:
        gallery: Of the gallery's files; None on a server.
        page: Of sessions with their uploads, and of jobs.
        free: Left on the disk of the page's folder.
        memory: Of this process; None where the system does not say.
    """

    gallery: int | None
    page: int
    free: int
    memory: int | None


def measure_storage(location: str, state: Path) -> Storage:
    """Look at the disk now.

    Args:
        location: Of the gallery.
        state: The page's folder.
    """
    gallery = None
    if "://" not in location:
        gallery = size_of(Path(location)) + size_of(Path(f"{location}.suppressed.json"))
    return Storage(gallery, size_of(state), shutil.disk_usage(state).free, _memory())


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; 0 where there is nothing."""
    if path.is_dir():
        files = (Path(top, name) for top, _, names in os.walk(path) for name in names)
        return sum(map(size_of, files))
    try:
        return path.stat().st_size
    except OSError:  # deleted meanwhile
        return 0


def _memory() -> int | None:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def shown_bytes(number: int | None) -> str:
    """``1.5 MB``; ``unknown`` for None."""
    if number is None:
        return "unknown"
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError
