"""What the gallery was filled from: folders of pictures, and videos."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from mmpsearch.apis.sources.video_file import has_video_suffix
from mmpsearch.gallery.gallery import Gallery


@dataclass(frozen=True)
class SourceRow:
    """A folder's pictures, or one video.

    Attributes:
        path: Of the folder or video.
        kind: ``folder`` or ``video``.
        files: Number of files.
        people: Number of people seen in them.
        cameras: Names, sorted.
        first: Unix time of the first picture; None when unknown.
        last: Of the last one.
    """

    path: str
    kind: str
    files: int
    people: int
    cameras: tuple[str, ...]
    first: float | None
    last: float | None


def list_sources(gallery: Gallery) -> list[SourceRow]:
    """Folders and videos, sorted by path."""
    with gallery.held():
        files = gallery.files
        paths, cameras = gallery.column("paths"), gallery.column("cameras")
        clocks = gallery.column("clocks")
    groups: dict[tuple[str, str], list[str]] = {}
    for file in files:
        groups.setdefault(_group(file), []).append(file)
    rows_of: dict[tuple[str, str], list[int]] = {}
    for row, path in enumerate(paths.tolist()):
        rows_of.setdefault(_group(path), []).append(row)
    found = []
    for key in sorted(groups | rows_of):
        rows = rows_of.get(key, [])
        times = clocks[rows][~np.isnan(clocks[rows])]
        found.append(
            SourceRow(
                path=key[0],
                kind=key[1],
                files=len(groups.get(key, ())),
                people=len(rows),
                cameras=tuple(sorted(set(cameras[rows].tolist()) - {""})),
                first=float(times.min()) if len(times) else None,
                last=float(times.max()) if len(times) else None,
            )
        )
    return found


def files_below(gallery: Gallery, source: str) -> list[str]:
    """The gallery's files of a row of ``list_sources``."""
    return [file for file in gallery.files if _group(file)[0] == source]


def _group(path: str) -> tuple[str, str]:
    if has_video_suffix(path):
        return path, "video"
    return os.path.dirname(path), "folder"
