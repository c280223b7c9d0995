"""Fill a gallery from files, and keep it as the files are."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from mmpsearch.apis.image_sources import is_video, list_files
from mmpsearch.apis.placing import place, stream_name
from mmpsearch.apis.reading_report import ReadingReport
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.sources.addresses import is_stream
from mmpsearch.apis.sources.camera_frames import CameraFrames
from mmpsearch.apis.sources.cameras import Camera, list_cameras
from mmpsearch.apis.sources.kept_frames import KeptFrames
from mmpsearch.apis.sources.stream import StreamOptions
from mmpsearch.apis.tracks.byte_track import TrackOptions
from mmpsearch.apis.tracks.tracking import tracked
from mmpsearch.errors import GalleryError, ImageReadError, InputError
from mmpsearch.gallery.detections import Detections
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.records import camera_name

Source = str | int | os.PathLike | Camera
Sources = Source | Iterable[Source]

# Work that a killed process may lose: so many files, or seconds.
FLUSH_FILES = 64
FLUSH_SECONDS = 10.0
CUT = "cut"  # of a gallery's notes


def update_gallery(
    inferencer: SceneInferencer,
    index: Gallery,
    sources: Sources,
    *,
    frame_step: int = 1,
    fps: float | None = None,
    camera: str | int | None = None,
    start: float | None = None,
    tracks: TrackOptions | None = None,
    streams: StreamOptions | None = None,
    keep_frames: str | os.PathLike | None = None,
    progress: bool = False,
) -> ReadingReport:
    """Add the people of pictures, videos and streams that the gallery does not hold.

    Files that are known and unchanged are skipped; changed ones are replaced; those
    that are gone from a folder are removed; suppressed ones are not read. What cannot
    be read is reported, not raised. The gallery is written in steps, and holds whole
    files only: interrupted or killed, a second call goes on. Of a stream it holds what
    was seen until then.

    Args:
        inferencer: The model; it must be the one that filled the gallery so far.
        index: The gallery, changed in place.
        sources: Files, folders, patterns, addresses of streams, numbers of webcams,
            yaml files that list cameras, or ``Camera`` objects.
        frame_step: Of a video every ``frame_step``-th frame is looked at.
        fps: In place of ``frame_step``: so many frames a second.
        camera: Name of the camera of all the sources that have none.
        start: Unix time at which the video begins.
        tracks: Follow people and keep the best views of each, in place of every
            sighting.
        streams: How streams are followed.
        keep_frames: Folder for pictures of streams in which people were found;
            without, a match of a stream cannot be shown.
        progress: Show a bar on the terminal.

    Returns:
        Counts, and the unreadable files.

    Raises:
        GalleryError: Filled by another model or with other settings.
        ImageReadError: A source does not exist.
        InputError: A list of cameras, or a start, that does not fit.
    """
    index.check_model(inferencer.fingerprint)
    cameras = list_cameras(sources, camera_name(camera), frame_step, fps, start)
    report = ReadingReport()
    live = [one for one in cameras if is_stream(one.source)]
    stored = [one for one in cameras if not is_stream(one.source)]
    files = _files(stored, report)
    _agree_on_settings(index, _settings(inferencer, files, frame_step, fps, tracks))
    new = _to_read(index, stored, files, report)
    cut = _CutFiles(index, set(files).difference(new), report)
    frames = CameraFrames(
        {file: files[file] for file in new},
        live,
        streams,
        cut.note,
        recent=2 * getattr(inferencer, "batch_size", 1) + 2,
    )
    report.streams = frames.counts
    kept = None if keep_frames is None else KeptFrames(keep_frames)
    found_in = inferencer.iter_detect(frames, 1, report, progress)
    people = (place(found, frames, kept, report) for found in found_in)
    if tracks is not None:
        names = {stream_name(one) for one in live}
        people = tracked(
            people,
            inferencer.score_threshold,
            tracks,
            lambda found: found.camera if found.camera in names else found.path,
            names.__contains__,
        )
    try:
        _add_whole_files(index, people, files)
    finally:
        if kept is not None:
            kept.forget_unused(set(index.files))
        index.flush()
    return report


def _to_read(
    index: Gallery,
    cameras: list[Camera],
    files: dict[str, Camera],
    report: ReadingReport,
) -> list[str]:
    """The files that are new or changed; the gallery forgets what is gone or old."""
    for path in _gone(index, [one.source for one in cameras], list(files)):
        index.remove(path=path, suppress=False)
        report.gone += 1
    allowed = [file for file in files if index.store.suppression.allows_file(file)]
    report.suppressed = len(files) - len(allowed)
    new = [file for file in allowed if not index.is_current(file)]
    for path in sorted(set(new).intersection(index.files)):
        index.remove(path=path, suppress=False)
    report.skipped = len(allowed) - len(new)
    return new


def _add_whole_files(
    index: Gallery, people: Iterable[Detections], files: dict[str, Camera]
) -> None:
    """Add in steps; an interrupted video leaves nothing of itself."""
    unfinished, steps = None, _Steps(index)
    try:
        for found in people:
            if found.path != unfinished:
                steps.next_file()
            unfinished = found.path
            index.add(found)
        unfinished = None
    finally:
        if unfinished in files and is_video(unfinished):
            if index.store.file_state(unfinished) is not None:
                index.remove(path=unfinished, suppress=False)


def _files(cameras: list[Camera], report: ReadingReport) -> dict[str, Camera]:
    """Path -> its camera, in the order of reading.

    Raises:
        InputError: One start for several videos.
    """
    files: dict[str, Camera] = {}
    for camera in cameras:
        listed = list_files(camera.source, report.left_out)
        videos = sum(map(is_video, listed)) if camera.start is not None else 0
        if videos > 1:
            raise InputError(
                f"{camera.source}: {videos} videos cannot all begin at one time; name "
                "each with its start in a list of cameras (docs/video.md)"
            )
        for file in listed:
            files.setdefault(file, camera)
    return files


def _settings(
    inferencer: SceneInferencer,
    files: dict[str, Camera],
    frame_step: int,
    fps: float | None,
    tracks: TrackOptions | None,
) -> dict[str, float]:
    """What must be the same whenever a gallery is filled on."""
    settings = {"score_threshold": inferencer.score_threshold}
    if any(is_video(file) for file in files):
        settings |= {"frame_step": frame_step} if fps is None else {"fps": fps}
        settings["tracks"] = float(tracks is not None)
    return settings


class _CutFiles:
    """Videos of which a part could be read: reported each time, not only the first.

    Args:
        index: The gallery; its header keeps their names and reasons.
        unchanged: Files that are not read again.
        report: Receives the errors, old and new.
    """

    def __init__(self, index: Gallery, unchanged: set[str], report: ReadingReport):
        self._notes, self._report = index.store.header.notes, report
        known = self._notes.pop(CUT, {})
        kept = {
            path: reason
            for path, reason in known.items()
            if os.path.lexists(path) and index.is_current(path)
        }
        if kept:
            self._notes[CUT] = kept
        for path in unchanged.intersection(kept):
            report.unreadable.append(ImageReadError(path, kept[path]))

    def note(self, error: ImageReadError) -> None:
        """Called for a file that cannot be read to its end."""
        self._report.unreadable.append(error)
        if is_video(error.path):
            cut = {**self._notes.get(CUT, {}), error.path: error.reason}
            self._notes[CUT] = cut


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
