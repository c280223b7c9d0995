"""Options about what is read, and how, that command lines share."""

from __future__ import annotations

import argparse

from mmpsearch.apis.sources.cameras import parse_start
from mmpsearch.apis.sources.stream import StreamOptions
from mmpsearch.apis.tracks.byte_track import TrackOptions
from mmpsearch.errors import InputError
from mmpsearch.utils.number_ranges import a_count


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Cameras, frames, times, streams and tracks."""
    group = parser.add_argument_group("sources")
    add = group.add_argument
    rate = group.add_mutually_exclusive_group()
    rate.add_argument(
        "--frame-step",
        type=a_count,
        default=10,
        help="look at every n-th video frame (10)",
    )
    rate.add_argument("--fps", type=_positive, help="look at so many frames a second")
    add("--camera-name", default="", help="of the camera of all these sources")
    add("--start", metavar="TIME", help="when the video begins: 2026-11-29T08:30:00")
    add(
        "--tracks",
        action="store_true",
        help="follow people, and keep the best views of each",
    )
    add(
        "--stream-patience",
        type=_positive,
        default=30.0,
        metavar="SECONDS",
        help="without a frame, after which a stream is over (30)",
    )
    add("--stream-seconds", type=_positive, help="leave a stream after so many seconds")
    add(
        "--keep-frames",
        metavar="DIR",
        help="folder for pictures of streams in which people were found",
    )


def source_options(args: argparse.Namespace) -> dict:
    """The options as ``update_gallery`` takes them.

    Raises:
        InputError: A start that is no date and time, or a frame step below 1.
    """
    if args.frame_step < 1:
        raise InputError("--frame-step must be at least 1")
    return {
        "frame_step": args.frame_step,
        "fps": args.fps,
        "camera": args.camera_name,
        "start": None if args.start is None else parse_start(args.start, "--start"),
        "tracks": TrackOptions() if args.tracks else None,
        "streams": StreamOptions(args.stream_patience, seconds=args.stream_seconds),
        "keep_frames": args.keep_frames,
    }


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text}: must be a positive number")
    return number
