"""Forgetting somebody: the records, and the pages and pictures that showed them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.known_cameras import require_cameras
from mmpsearch.gallery.records import Records, join
from mmpsearch.gallery.suppression import Suppression, people_entries

# What a search writes into its folder.
REPORT = ("ranked.jpg", "ranked.html", "ranked.json", "appearances.csv")
UNKNOWN = (
    "the pictures and videos themselves, which are never deleted here",
    "reports that were moved, renamed, printed or sent",
    "backups and copies of the gallery; a restored one drops the person when it is "
    "opened beside its list of suppressed people (*.suppressed.json)",
    "archives and exports of embeddings, and galleries at other places",
    "what the operating system, the disk or a database server keep of deleted data",
)


@dataclass
class Forgotten:
    """What was deleted.

    Attributes:
        people: Records that were removed.
        reports: Files of reports that were deleted.
        unreadable: Folders of reports that could not be looked into.
    """

    people: int = 0
    reports: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{self.people} records removed, {len(self.reports)} files deleted"]
        lines += [f"  deleted {path}" for path in self.reports]
        lines += [f"  could not look into {path}" for path in self.unreadable]
        lines += ["Not known here, and not deleted:"]
        return "\n".join([*lines, *(f"  - {what}" for what in UNKNOWN)])


def note_report(gallery: Gallery, folder: str | os.PathLike) -> None:
    """Remember where a report was written, so that ``forget`` finds it.

    A line in a file beside the gallery, also by those who only read it. Of galleries
    in memory and on servers nothing is noted.
    """
    if (path := _list_of_reports(gallery)) is None:
        return
    line = json.dumps(os.path.abspath(folder)) + "\n"
    if line in _lines(path):
        return
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)


def known_reports(gallery: Gallery) -> list[str]:
    """Folders that ``note_report`` took down."""
    path = _list_of_reports(gallery)
    folders = []
    for line in [] if path is None else _lines(path):
        try:
            folders.append(str(json.loads(line)))
        except ValueError:  # cut off by a kill
            continue
    return folders


def _list_of_reports(gallery: Gallery) -> str | None:
    location = gallery.store.location
    return f"{location}.reports" if os.path.isabs(location) else None


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.readlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return []


def forget(
    gallery: Gallery,
    where: Where,
    folders: Iterable[str | os.PathLike] = (),
    reason: str = "",
) -> Forgotten:
    """Remove people for good, and delete the reports that show one of them.

    Args:
        gallery: Open for writing; it is flushed.
        where: One condition: paths, ids or cameras.
        folders: Folders of reports besides those that the gallery knows.
        reason: Kept in the suppression list.

    Raises:
        GalleryError: The gallery holds nobody of one of the cameras; then nothing was
            removed.
    """
    store = gallery.store
    require_cameras(store, where.cameras or ())
    ids = store.find(where)
    people = join(store.fetch(ids[i : i + 4096]) for i in range(0, len(ids), 4096))
    forgotten = Forgotten(people=len(people))
    if where.paths is not None:
        for path in where.paths:
            if store.file_state(path) is not None:
                gallery.remove(path=path, reason=reason)
    elif where.cameras is not None:
        for camera in where.cameras:
            gallery.remove(camera=camera, reason=reason)
    elif len(people):
        gallery.remove(ids=people.ids, reason=reason)
    gallery.flush()
    shown = Suppression(people_entries(people))
    pictures = set(zip(people.paths.tolist(), people.frames.tolist(), strict=True))
    every = [*map(os.path.abspath, folders), *known_reports(gallery)]
    for folder in dict.fromkeys(every):
        _forget_report(folder, shown, where.paths or frozenset(), pictures, forgotten)
    return forgotten


def _forget_report(
    folder: str,
    shown: Suppression,
    paths: frozenset[str],
    pictures: set[tuple[str, int]],
    forgotten: Forgotten,
) -> None:
    report = Path(folder, "ranked.json")
    if not report.is_file():
        return
    try:
        content = json.loads(report.read_text(encoding="utf-8"))
        rows = [*content["matches"], content["query"]]
        hit = any(
            _shows(row, shown, paths, pictures) for row in rows if isinstance(row, dict)
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        forgotten.unreadable.append(folder)
        return
    if not hit:
        return
    pages = Path(folder).glob("ranked_*.jpg")
    for file in (*(Path(folder, name) for name in REPORT), *pages):
        if file.is_file():
            file.unlink()
            forgotten.reports.append(str(file))


def _shows(
    row: dict,
    shown: Suppression,
    paths: frozenset[str],
    pictures: set[tuple[str, int]],
) -> bool:
    path, box = row.get("path") or "", row.get("box")
    if path in paths:
        return True
    frame = row.get("frame")
    frame = -1 if frame is None else int(frame)
    # the whole picture is drawn, with those who stand beside the match
    if (path, frame) in pictures:
        return True
    if box is None:
        return False
    one = Records(
        **{
            "ids": np.zeros(1, np.int64),
            "embeddings": np.zeros((1, 1), np.float32),
            "boxes": np.array([box], np.float32).reshape(1, 4),
            "scores": np.zeros(1, np.float32),
            "paths": np.array([path], object),
            "cameras": np.array([""], object),
            "frames": np.array([frame]),
            "tracks": np.array([-1]),
            "scenes": np.zeros((1, 0), np.float32),
            **{
                name: np.full(1, np.inf)
                for name in ("times", "clocks", "starts", "ends", "added")
            },
        }
    )
    return not shown.allowed(one)[0]
