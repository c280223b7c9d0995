"""What was read from a folder, and what could not be."""

from __future__ import annotations

from dataclasses import dataclass, field

from mmpsearch.apis.sources.stream import StreamCounts
from mmpsearch.datasets.io.picture_files import LeftOut
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
        suppressed: Files that were removed from the gallery for good and not read.
        gone: Files that the gallery held and that are not there any more.
        left_out: Files and folders that the search of folders passed over, by reason.
        unreadable: One error per file that could not be read.
        streams: What became of each stream.
    """

    images: int = 0
    people: int = 0
    skipped: int = 0
    suppressed: int = 0
    gone: int = 0
    left_out: LeftOut = field(default_factory=LeftOut)
    unreadable: list[ImageReadError] = field(default_factory=list)
    streams: list[StreamCounts] = field(default_factory=list)

    def __str__(self) -> str:
        people = count(self.people, "person", "people")
        lines = [f"{people} in {count(self.images, 'picture')}"]
        if self.skipped:
            lines[0] += f", {count(self.skipped, 'file')} unchanged"
        if self.gone:
            lines[0] += f", {count(self.gone, 'file')} gone and removed"
        if self.suppressed:
            lines[0] += f", {count(self.suppressed, 'file')} suppressed"
        if self.left_out:
            lines.append(f"passed over: {self.left_out}")
        lines += [str(counts) for counts in self.streams]
        if self.unreadable:
            failed = count(len(self.unreadable), "file")
            lines.append(f"{failed} could not be read:")
            lines += [f"  {error.path}: {error.reason}" for error in self.unreadable]
        return "\n".join(lines)
