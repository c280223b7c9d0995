"""Follow the people of a video in the background, as tracks to be labelled."""

from __future__ import annotations

import os
from pathlib import Path

from mmpsearch.apis.image_sources import is_video
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.tracks.video_folder import follow_video
from mmpsearch.app.jobs import Job
from mmpsearch.app.labels import TrackLabels
from mmpsearch.app.media import MediaRoots, short_name
from mmpsearch.app.turns import Turns
from mmpsearch.app.watching import Progress, Tell, Watched
from mmpsearch.errors import InputError


def follow_source(
    job: Job,
    tell: Tell,
    inferencer: SceneInferencer,
    labels: TrackLabels | None,
    media: MediaRoots,
    turns: Turns,
) -> None:
    """Add the tracks of a video to the folder that is labelled.

    A job that is taken up again begins with the video's first frame: half a track is
    none.

    Args:
        job: With the video as ``what``; ``options`` may have ``frame_step``.
        tell: Takes share and words.
        inferencer: The model.
        labels: Of the folder; None: none was named.
        media: Folders that may be read.
        turns: Of all who use the model.

    Raises:
        InputError: As ``new_camera``.
    """
    folder = new_camera(job.what, labels, media)
    folder.parent.mkdir(parents=True, exist_ok=True)
    watched = Watched(inferencer, turns, Progress([job.what], tell))
    step = int(job.options.get("frame_step") or 1)
    followed = follow_video(job.what, folder, watched, step)
    labels.read_again()
    tell(1.0, f"{followed}; they are in the tab Tracks and labels")


def new_camera(video: str, labels: TrackLabels | None, media: MediaRoots) -> Path:
    """The folder that a video's tracks will have, named as the video.

    Raises:
        InputError: The video lies outside of the media folders, is none, or one of its
            name was followed before; or there is no folder of tracks.
    """
    if labels is None:
        raise InputError("start the page with --tracks FOLDER to follow people")
    media.allowed(video)
    if os.path.isdir(video) or not is_video(video):
        raise InputError(f"{short_name(video)} is no video; name one to follow people")
    folder = labels.folder / Path(video).stem
    if folder.exists():
        raise InputError(
            f"{short_name(str(folder))}: has tracks already; to follow its people "
            f"again, take {short_name(str(folder))} out of the folder of tracks, or "
            "give the video another name"
        )
    return folder
