"""From sources to units: what an archive has still to do."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace

from mmpsearch.apis.image_sources import is_video, list_files
from mmpsearch.apis.sources.addresses import is_stream
from mmpsearch.apis.sources.cameras import Camera, list_cameras
from mmpsearch.apis.sources.video_file import count_frames, has_video_suffix
from mmpsearch.archive.folder import Archive
from mmpsearch.archive.units import Unit
from mmpsearch.datasets.io.picture_files import LeftOut
from mmpsearch.errors import ArchiveError, ImageReadError, InputError
from mmpsearch.gallery.detections import ModelFingerprint
from mmpsearch.gallery.store import FileState

PICTURES = 200  # of one unit


def plan(
    archive: Archive,
    sources: object,
    fingerprint: ModelFingerprint,
    settings: dict[str, float],
    *,
    frame_step: int = 1,
    fps: float | None = None,
    camera: str = "",
    start: float | None = None,
    segment_frames: int | None = None,
    left_out: LeftOut | None = None,
) -> list[Unit]:
    """Add to an archive what of the sources it has not yet, and keep it.

    Files that are planned already, and unchanged, stay as they are, done or not; those
    that have changed are planned anew, and their former people are dropped.

    Args:
        archive: Changed, and written.
        sources: Files, folders, patterns, yaml files that list cameras, ``Camera``.
        fingerprint: Of the model that will extract.
        settings: How it looks, such as ``score_threshold`` and ``tracks``.
        frame_step: As of ``update_gallery``; so are ``fps``, ``camera``, ``start``.
        segment_frames: Videos are cut into parts of so many frames; None: whole.
        left_out: Receives what the search of folders passed over.

    Returns:
        The new units.

    Raises:
        ArchiveError: Planned for another model or with other settings.
        InputError: A stream; or one start for several videos.
        ImageReadError: A source does not exist.
    """
    _agree(archive, fingerprint, settings)
    wanted = _files(list_cameras(sources, camera, frame_step, fps, start), left_out)
    states = {path: FileState.of(path) for path in wanted}
    planned = {}
    for unit in list(archive.units.values()):
        current = zip(unit.paths, unit.states, strict=True)
        if any(states.get(path, state) != state for path, state in current):
            archive.forget(unit)
        else:
            planned.update(dict.fromkeys(unit.paths))
    new = {path: one for path, one in wanted.items() if path not in planned}
    units = [*_videos(new, states, segment_frames), *_pictures(new, states)]
    archive.units |= {unit.key: unit for unit in units}
    archive.write()
    return units


def _agree(
    archive: Archive, fingerprint: ModelFingerprint, settings: dict[str, float]
) -> None:
    known = archive.fingerprint
    if known is not None and known.sha256 != fingerprint.sha256:
        raise ArchiveError(
            f"{archive.path}: this archive is extracted by {known}, not by "
            f"{fingerprint}: use that model, or another folder"
        )
    for name, value in settings.items():
        before = archive.settings.get(name, value)
        if before != value:
            raise ArchiveError(
                f"{archive.path}: this archive has {name}={before:g}, not {value:g}: "
                "use the same value, or another folder"
            )
    archive.fingerprint = known or fingerprint
    archive.settings |= settings


def _files(cameras: list[Camera], left_out: LeftOut | None) -> dict[str, Camera]:
    """Path -> its camera; the first that names it counts."""
    files: dict[str, Camera] = {}
    for camera in cameras:
        if is_stream(camera.source):
            raise InputError(
                f"{camera.source}: a stream is no archive; record it to files, or fill "
                "a gallery from it"
            )
        listed = list_files(camera.source, left_out)
        if camera.start is not None and sum(map(is_video, listed)) > 1:
            raise InputError(
                f"{camera.source}: several videos cannot all begin at one time; name "
                "each with its start in a list of cameras (docs/video.md)"
            )
        sourceless = replace(camera, source="")  # the unit names its files itself
        for file in listed:
            files.setdefault(file, sourceless)
    return files


def _videos(
    files: dict[str, Camera], states: dict[str, FileState], frames: int | None
) -> list[Unit]:
    units = []
    for path, camera in files.items():
        if not is_video(path):
            continue
        whole = Unit((path,), (states[path],), camera)
        cuts = [0]
        if frames is not None and has_video_suffix(path):
            cuts = list(range(0, max(_count(path), 1), frames))
        ends = [*cuts[1:], None]
        units += [
            replace(whole, first=first, last=last)
            for first, last in zip(cuts, ends, strict=True)
        ]
    return units


def _count(path: str) -> int:
    try:
        return count_frames(path)
    except ImageReadError:
        return 0  # the extraction of the whole will say why


def _pictures(files: dict[str, Camera], states: dict[str, FileState]) -> list[Unit]:
    """Pictures of one folder and camera together, since many small files are slow."""
    groups = defaultdict(list)
    for path, camera in files.items():
        if not is_video(path):
            groups[os.path.dirname(path), id(camera)].append(path)
    units = []
    for paths in groups.values():
        for begin in range(0, len(paths), PICTURES):
            some = tuple(paths[begin : begin + PICTURES])
            camera = files[some[0]]
            units.append(Unit(some, tuple(states[path] for path in some), camera))
    return units
