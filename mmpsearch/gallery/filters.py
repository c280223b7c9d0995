"""Whom a search looks at: cameras, times, files, single people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.records import Records, camera_name

Range = tuple[float, float]


@dataclass(frozen=True)
class Where:
    """Conditions that all have to hold; None or empty: no condition.

    Attributes:
        cameras: Names of the cameras that are looked at.
        times: From and to, both included: seconds since the video's start.
        clocks: From and to, both included: Unix time of the picture.
        before: Unix time; only what is older by ``Records.moments``.
        paths: Files that are looked at.
        not_paths: Files that are left out.
        not_frames: Path and frame (-1 for a still picture) of single pictures that
            are left out.
        ids: (n,) int64, people that are looked at.
        not_ids: (n,) int64, people that are left out.
    """

    cameras: frozenset[str] | None = None
    times: Range | None = None
    clocks: Range | None = None
    before: float | None = None
    paths: frozenset[str] | None = None
    not_paths: frozenset[str] = frozenset()
    not_frames: frozenset[tuple[str, int]] = frozenset()
    ids: np.ndarray | None = None
    not_ids: np.ndarray | None = None

    @property
    def everybody(self) -> bool:
        """No condition at all."""
        return self == Where() if self.ids is None and self.not_ids is None else False

    def mask(self, records: Records) -> np.ndarray:
        """(N,) bool, for whom the conditions hold; plain and slow.

        The stores have ways of their own, which the tests hold to this one.
        """
        mask = np.ones(len(records), bool)
        if self.cameras is not None:
            mask &= np.isin(records.cameras, list(self.cameras))
        for limits, values in (
            (self.times, records.times),
            (self.clocks, records.clocks),
        ):
            if limits is not None:
                mask &= (values >= limits[0]) & (values <= limits[1])
        if self.before is not None:
            mask &= records.moments() < self.before
        if self.paths is not None:
            mask &= np.isin(records.paths, list(self.paths))
        if self.not_paths:
            mask &= ~np.isin(records.paths, list(self.not_paths))
        for path, frame in self.not_frames:
            mask &= (records.paths != path) | (records.frames != frame)
        if self.ids is not None:
            mask &= np.isin(records.ids, self.ids)
        if self.not_ids is not None:
            mask &= ~np.isin(records.ids, self.not_ids)
        return mask


def where(
    cameras: str | int | Iterable[str | int] | None = None,
    since: str | float | datetime | None = None,
    until: str | float | datetime | None = None,
    not_paths: Iterable[str] = (),
) -> Where:
    """Conditions as a user writes them.

    Args:
        cameras: A name, or several.
        since: The earliest time, see ``read_moment``.
        until: The latest time, of the same kind as ``since``.
        not_paths: Files that are left out.

    Raises:
        GalleryError: A time that cannot be read, a clock beside a time in a video, or
            an empty range.
    """
    if cameras is not None:
        single = isinstance(cameras, str) or not isinstance(cameras, Iterable)
        cameras = frozenset(map(camera_name, [cameras] if single else cameras))
    ranges: dict[str, list[float]] = {}
    for end, moment in enumerate((since, until)):
        if moment is None:
            continue
        kind, value = read_moment(moment, last=end == 1)
        ranges.setdefault(kind, [-np.inf, np.inf])[end] = value
    if len(ranges) > 1:
        raise GalleryError(
            f"{since} and {until} are of two kinds: give two dates, or two times in "
            "the video"
        )
    for low, high in ranges.values():
        if low > high:
            raise GalleryError(f"from {since} to {until} there is no time")
    return Where(
        cameras=cameras,
        not_paths=frozenset(not_paths),
        **{kind: (low, high) for kind, (low, high) in ranges.items()},
    )


def read_moment(
    moment: str | float | datetime | date, last: bool = False
) -> tuple[str, float]:
    """A time as a user writes it.

    Args:
        moment: ``"2026-11-29"``, ``"2026-11-29T08:30"`` (local time where no zone is
            given) or a ``datetime``: a clock. ``90``, ``"1:30"`` or ``"1:02:03.5"``:
            seconds since the video's start.
        last: A date means its last moment in place of its first.

    Returns:
        ``"clocks"`` with Unix time, or ``"times"`` with seconds.

    Raises:
        GalleryError: Neither of them.
    """
    if isinstance(moment, datetime):
        return "clocks", moment.timestamp()
    if isinstance(moment, date):
        return read_moment(moment.isoformat(), last)
    text = str(moment).strip()
    if re.fullmatch(r"(\d+:)?(\d+:)?\d+(\.\d+)?", text):
        seconds = 0.0
        for part in text.split(":"):
            seconds = 60 * seconds + float(part)
        return "times", seconds
    try:
        clock = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise GalleryError(
            f"{moment!r} is no time: write a date (2026-11-29), a date with the time "
            "(2026-11-29T08:30), or minutes and seconds in the video (1:30)"
        ) from None
    if last and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        clock = clock.replace(hour=23, minute=59, second=59, microsecond=999999)
    return "clocks", clock.timestamp()


def read_date(moment: str | float | datetime | date) -> float:
    """Unix time of a date, for deletion; a number is Unix time itself.

    Raises:
        GalleryError: Not a date.
    """
    if isinstance(moment, (int, float)) and not isinstance(moment, bool):
        return float(moment)
    kind, value = read_moment(moment)
    if kind != "clocks":
        raise GalleryError(f"{moment!r} is no date: write 2026-11-29")
    return value
