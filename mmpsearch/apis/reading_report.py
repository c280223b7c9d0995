"""What was read from a folder, and what could not be."""

from __future__ import annotations

from dataclasses import dataclass, field

from mmpsearch.errors import ImageReadError


def count(number: int, one: str, several: str | None = None) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {one if number == 1 else several or one + 's'}"


@dataclass
class ReadingReport:
    """Counts over one pass through pictures and videos.

    Attributes:
        images: Pictures and video frames that were read.
        people: People found in them.
        skipped: Files that were already known and not read again.
        unreadable: One error per file that could not be read.
    """

    images: int = 0
    people: int = 0
    skipped: int = 0
    unreadable: list[ImageReadError] = field(default_factory=list)

    def __str__(self) -> str:
        people = count(self.people, "person", "people")
        lines = [f"{people} in {count(self.images, 'picture')}"]
        if self.skipped:
            lines[0] += f", {count(self.skipped, 'file')} unchanged"
        if self.unreadable:
            failed = count(len(self.unreadable), "file")
            lines.append(f"{failed} could not be read:")
            lines += [f"  {error.path}: {error.reason}" for error in self.unreadable]
        return "\n".join(lines)
