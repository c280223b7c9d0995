"""Say of what was found which camera saw it, and when; leave out ignored zones."""

from __future__ import annotations

from dataclasses import replace

from mmpsearch.apis.reading_report import ReadingReport
from mmpsearch.apis.sources.addresses import is_stream, shown_address
from mmpsearch.apis.sources.camera_frames import CameraFrames
from mmpsearch.apis.sources.cameras import Camera
from mmpsearch.apis.sources.kept_frames import KeptFrames
from mmpsearch.gallery.detections import Detections


def stream_name(camera: Camera) -> str:
    """Name of a stream's camera; of an unnamed one its address."""
    return camera.camera or shown_address(camera.source)


def without_ignored(found: Detections, camera: Camera) -> Detections:
    """Those who stand in none of the camera's ignored zones."""
    if not camera.ignore or not len(found):
        return found
    stay = ~camera.ignores(found.boxes)
    return replace(
        found,
        boxes=found.boxes[stay],
        scores=found.scores[stay],
        embeddings=found.embeddings[stay],
    )


def place_in_file(found: Detections, camera: Camera) -> Detections:
    """What was found in a picture or video of a camera, with its name and clock."""
    clock = found.clock
    if camera.start is not None and found.time is not None:
        clock = camera.start + found.time
    found = without_ignored(found, camera)
    return replace(found, camera=camera.camera, clock=clock)


def place(
    found: Detections,
    frames: CameraFrames,
    kept: KeptFrames | None,
    report: ReadingReport,
) -> Detections:
    """What was found in one picture, with camera and clock, without ignored zones.

    Args:
        found: Of one picture of ``frames``.
        frames: Where it was read.
        kept: Keeps pictures of streams.
        report: Whose count of people the ignored ones leave.
    """
    camera = frames.cameras.get(found.path)
    if camera is None:
        return found
    seen = len(found)
    if not is_stream(camera.source):
        found = place_in_file(found, camera)
        report.people -= seen - len(found)
        return found
    found = without_ignored(found, camera)
    report.people -= seen - len(found)
    found = replace(found, camera=stream_name(camera))
    image = frames.picture(found.path, found.frame)
    if image is None:
        return found
    found = replace(found, clock=image.clock)
    return found if kept is None else kept.keep(found, image)
