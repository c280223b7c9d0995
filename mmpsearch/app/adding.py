"""Fill the gallery in the background, telling how far it is."""

from __future__ import annotations

import os

from mmpsearch.apis.gallery_update import update_gallery
from mmpsearch.apis.image_sources import list_files
from mmpsearch.apis.reading_report import count
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.sources.cameras import parse_start
from mmpsearch.apis.tracks.byte_track import TrackOptions
from mmpsearch.app.jobs import Job
from mmpsearch.app.media import MediaRoots, printable_name
from mmpsearch.app.turns import Turns
from mmpsearch.app.watching import Progress, Tell, Watched
from mmpsearch.gallery.gallery import Gallery

FRAME_STEP = 10


def add_source(
    job: Job,
    tell: Tell,
    inferencer: SceneInferencer,
    gallery: Gallery,
    media: MediaRoots,
    turns: Turns,
) -> None:
    """Add the people of a file or folder to the gallery.

    What was added before and has not changed is skipped, so a job that is taken up
    again goes on.

    Args:
        job: With the path as ``what``; ``options`` may have ``camera``, ``start``,
            ``fps``, ``frame_step`` and ``tracks``. Where the gallery was filled
            already, its own settings count.
        tell: Takes share and words.
        inferencer: The model.
        gallery: Open for writing.
        media: Folders that may be read.
        turns: Of all who use the model.

    Raises:
        InputError: The path lies outside, or options do not fit.
    """
    media.allowed(job.what)
    path = os.path.abspath(job.what)
    options = dict(job.options)
    watched = Watched(inferencer, turns, Progress(list_files(path), tell))
    report = update_gallery(
        watched,
        gallery,
        path,
        camera=options.get("camera") or None,
        start=parse_start(options["start"]) if options.get("start") else None,
        **_frames(gallery, options),
    )
    job.failed = [
        [printable_name(error.path), printable_name(error.reason)]
        for error in report.unreadable
    ]
    words = [
        f"{count(report.people, 'person', 'people')} in "
        f"{count(report.images, 'picture')}"
    ]
    for number, what in (
        (report.skipped, "unchanged"),
        (report.gone, "gone and removed"),
        (report.suppressed, "removed for good before and left out"),
        (len(report.unreadable), "unreadable"),
    ):
        if number:
            words.append(f"{count(number, 'file')} {what}")
    tell(1.0, ", ".join(words))


def _frames(gallery: Gallery, options: dict) -> dict:
    """How videos are read: as those before them, else as the options say."""
    known = gallery.settings
    if "fps" in known:
        rate = {"fps": known["fps"]}
    elif "frame_step" in known:
        rate = {"frame_step": int(known["frame_step"])}
    elif options.get("fps"):
        rate = {"fps": float(options["fps"])}
    else:
        rate = {"frame_step": int(options.get("frame_step") or FRAME_STEP)}
    tracks = known.get("tracks", float(bool(options.get("tracks"))))
    return rate | {"tracks": TrackOptions() if tracks else None}
