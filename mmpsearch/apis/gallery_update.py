"""Fill a gallery from files, and keep it as the files are."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from mmpsearch.apis.image_sources import is_video, list_files
from mmpsearch.apis.reading_report import ReadingReport
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.errors import GalleryError
from mmpsearch.gallery.gallery import Gallery

# Work that a killed process may lose: so many files, or seconds.
FLUSH_FILES = 64
FLUSH_SECONDS = 10.0


def update_gallery(
    inferencer: SceneInferencer,
    index: Gallery,
    sources: str | os.PathLike | Iterable[str | os.PathLike],
    *,
    frame_step: int = 1,
    camera: str | int | None = None,
    progress: bool = False,
) -> ReadingReport:
    """Add the people of pictures and videos that the gallery does not hold yet.

    Files that are known and unchanged are skipped; changed ones are replaced; those
    that are gone from a folder are removed; suppressed ones are not read. What cannot
    be read is reported, not raised. The gallery is written in steps, and holds whole
    files only: interrupted or killed, a second call goes on.

    Args:
        inferencer: The model; it must be the one that filled the gallery so far.
        index: The gallery, changed in place.
        sources: Files and folders.
        frame_step: Of a video every ``frame_step``-th frame is looked at.
        camera: Name of the camera of all the sources; None: what they say themselves.
        progress: Show a bar on the terminal.

    Returns:
        Counts, and the unreadable files.

    Raises:
        GalleryError: Filled by another model or with other settings.
        ImageReadError: A source does not exist.
    """
    index.check_model(inferencer.fingerprint)
    sources = [sources] if isinstance(sources, (str, os.PathLike)) else list(sources)
    report = ReadingReport()
    files = list_files(sources, report.left_out)
    settings = {"score_threshold": inferencer.score_threshold}
    if any(is_video(file) for file in files):
        settings["frame_step"] = frame_step
    _agree_on_settings(index, settings)
    for path in _gone(index, sources, files):
        index.remove(path=path, suppress=False)
        report.gone += 1
    allowed = [file for file in files if index.store.suppression.allows_file(file)]
    report.suppressed = len(files) - len(allowed)
    new = [file for file in allowed if not index.is_current(file)]
    for path in sorted(set(new).intersection(index.files)):
        index.remove(path=path, suppress=False)
    report.skipped = len(allowed) - len(new)
    unfinished, steps = None, _Steps(index)
    try:
        for found in inferencer.iter_detect(new, frame_step, report, progress):
            if found.path != unfinished:
                steps.next_file()
            unfinished = found.path
            index.add(found, camera)
        unfinished = None
    finally:
        if unfinished is not None and is_video(unfinished):
            if index.store.file_state(unfinished) is not None:
                index.remove(path=unfinished, suppress=False)
        index.flush()
    return report


class _Steps:
    """Writes the gallery now and then, between two files."""

    def __init__(self, index: Gallery) -> None:
        self._index, self._files, self._last = index, 0, time.monotonic()

    def next_file(self) -> None:
        self._files += 1
        if (
            self._files % FLUSH_FILES == 0
            or time.monotonic() - self._last > FLUSH_SECONDS
        ):
            self._index.flush()
            self._last = time.monotonic()


def _gone(index: Gallery, sources: list, files: list[str]) -> list[str]:
    """Files of the gallery below the folders that are not there any more."""
    folders = tuple(
        os.path.join(os.path.abspath(source), "")
        for source in sources
        if os.path.isdir(source)
    )
    if not folders:
        return []
    there = set(files)
    return [
        path
        for path in index.files
        if path.startswith(folders) and path not in there and not os.path.lexists(path)
    ]


def _agree_on_settings(index: Gallery, settings: dict[str, float]) -> None:
    for name, value in settings.items():
        known = index.settings.setdefault(name, value)
        if known != value:
            raise GalleryError(
                f"the gallery was made with {name}={known:g}, now it is {value:g}; use "
                "the same value, or another gallery file"
            )
