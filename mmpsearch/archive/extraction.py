"""Extract one unit: read its pictures, find and embed the people, keep them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from mmpsearch.apis.image_sources import iter_file
from mmpsearch.apis.placing import place_in_file
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.sources.frame import SourceImage
from mmpsearch.apis.tracks.byte_track import TrackOptions
from mmpsearch.apis.tracks.tracking import tracked
from mmpsearch.archive.folder import Archive
from mmpsearch.archive.units import Unit
from mmpsearch.errors import ArchiveError, ImageReadError
from mmpsearch.gallery.records import Records, join, records_of

Item = SourceImage | ImageReadError
# So many units in a row that fail, but not in reading, are not the files' fault.
MAX_STRANGE_FAILURES = 3


@dataclass(frozen=True)
class Outcome:
    """What has become of one unit.

    Attributes:
        unit: Which one, as a user knows it.
        pictures: Pictures and frames that were read.
        people: Records that were kept.
        seconds: It took.
        failure: Why it failed; ``""``: it is done.
        strange: The failure was not in reading the files.
    """

    unit: str
    pictures: int = 0
    people: int = 0
    seconds: float = 0.0
    failure: str = ""
    strange: bool = False


def read_unit(unit: Unit) -> Iterator[Item]:
    """The chosen pictures of a unit, and an error for each file that breaks off."""
    for path in unit.paths:
        problems: list[ImageReadError] = []
        yield from iter_file(path, unit.choice(), problems.append)
        yield from problems


def extract(
    inferencer: SceneInferencer,
    unit: Unit,
    items: Iterable[Item],
    tracks: TrackOptions | None = None,
) -> tuple[Records, dict]:
    """The people of a unit.

    Args:
        inferencer: Finds and embeds.
        unit: Which unit.
        items: What ``read_unit`` gives, here or in another process.
        tracks: Keep the best views of each track, in place of every sighting.

    Returns:
        The people, and for ``Archive.finish``: ``pictures`` (read) and ``unreadable``
        ([path, reason], ...).

    Raises:
        ImageReadError: There was no picture that could be read.
    """
    problems: list[ImageReadError] = []
    pictures = 0

    def readable() -> Iterator[SourceImage]:
        nonlocal pictures
        for item in items:
            if isinstance(item, ImageReadError):
                problems.append(item)
            else:
                pictures += 1
                yield item

    found = (
        place_in_file(one, unit.camera) for one in inferencer.detect_stream(readable())
    )
    if tracks is not None:
        found = tracked(found, inferencer.score_threshold, tracks)
    records = join(records_of(one, 0, 0.0) for one in found)
    if problems and not pictures:
        raise problems[0]
    about = {
        "pictures": pictures,
        "unreadable": [[error.path, error.reason] for error in problems],
    }
    return records.with_ids(np.full(len(records), -1)), about


class Worker:
    """Extracts units into an archive, one after the other.

    Args:
        archive: Where they are kept.
        inferencer: Finds and embeds.
        tracks: See ``extract``.
    """

    def __init__(
        self,
        archive: Archive,
        inferencer: SceneInferencer,
        tracks: TrackOptions | None = None,
    ) -> None:
        self.archive, self.inferencer, self.tracks = archive, inferencer, tracks
        self._strange: list[Unit] = []

    def run(self, unit: Unit, items: Iterable[Item] | None = None) -> Outcome:
        """Extract a unit, or note why it cannot be; others are not concerned.

        Args:
            unit: A pending one.
            items: Its pictures, where another process reads them.

        Raises:
            ArchiveError: Several units in a row failed, and not in being read. They
                are pending again.
        """
        begin = time.monotonic()
        self.archive.begin(unit)
        try:
            items = read_unit(unit) if items is None else items
            records, about = extract(self.inferencer, unit, items, self.tracks)
        except ImageReadError as error:
            self._strange.clear()
            self.archive.fail(unit, error.reason)
            return Outcome(str(unit), failure=error.reason)
        except Exception as error:  # noqa: BLE001  whatever a damaged video provokes
            return self._strange_failure(unit, error)
        self._strange.clear()
        seconds = time.monotonic() - begin
        self.archive.finish(unit, records, about | {"seconds": round(seconds, 3)})
        return Outcome(str(unit), about["pictures"], len(records), seconds)

    def _strange_failure(self, unit: Unit, error: Exception) -> Outcome:
        reason = f"{type(error).__name__}: {error}"
        self.archive.fail(unit, reason)
        self._strange.append(unit)
        if len(self._strange) >= MAX_STRANGE_FAILURES:
            self.archive.retry(self._strange)
            raise ArchiveError(
                f"{len(self._strange)} files in a row failed for a reason that is not "
                f"theirs ({reason}); extract again when it is removed"
            ) from error
        return Outcome(str(unit), failure=reason, strange=True)
