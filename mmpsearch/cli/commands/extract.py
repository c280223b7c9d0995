"""Extract everybody in many videos into an archive of Parquet files.

mmpsearch extract videos/ cameras.yaml --model yolox-nano+retail-0287 --out archive/
mmpsearch gallery load people.gallery archive/

Killed at any moment, the same command goes on. A file that cannot be read fails alone.
"""

import argparse
import sys

# The package's own imports are where they are used: they take seconds, for which
# nobody who calls another command should wait.


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sources, the archive, the engine and the model."""
    from mmpsearch.apis.model_arguments import add_model_arguments

    add = parser.add_argument
    add("sources", nargs="+", help="folders, files, patterns, yaml lists of cameras")
    add("--out", required=True, metavar="DIR", help="the archive; it may have begun")
    add(
        "--engine",
        choices=("process", "ranks", "ray"),
        default="process",
        help="one process; the ranks that torchrun or srun starts; or Ray (process)",
    )
    add("--workers", type=_count, help="of Ray: processes that find people")
    add("--retry-failed", action="store_true", help="try what failed once more")
    add(
        "--segment-frames",
        type=_count,
        metavar="N",
        help="cut videos into parts of N frames (whole); not with --tracks",
    )
    rate = parser.add_mutually_exclusive_group()
    rate.add_argument(
        "--frame-step", type=_count, default=10, help="every n-th video frame (10)"
    )
    rate.add_argument("--fps", type=_positive, help="so many frames a second")
    add("--camera-name", default="", help="of the camera of all these sources")
    add("--start", metavar="TIME", help="when the video begins: 2026-11-29T08:30:00")
    add("--tracks", action="store_true", help="keep the best views of each track")
    add("--quiet", action="store_true", help="show no progress; DIR/progress.json does")
    add_model_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Extract, and say what was done.

    Returns:
        0; 1 where something failed, whose reasons are printed.
    """
    import functools

    from mmpsearch.apis.load_inferencer import load_inferencer
    from mmpsearch.apis.model_arguments import FIELDS
    from mmpsearch.apis.sources.cameras import parse_start
    from mmpsearch.apis.tracks.byte_track import TrackOptions
    from mmpsearch.archive.engines import ENGINES
    from mmpsearch.archive.engines.job import Job
    from mmpsearch.errors import InputError

    if args.tracks and args.segment_frames:
        raise InputError("--segment-frames would cut tracks; leave out one of the two")
    job = Job(
        sources=args.sources,
        out=args.out,
        load=functools.partial(
            load_inferencer, **{field: getattr(args, field) for field in FIELDS}
        ),
        tracks=TrackOptions() if args.tracks else None,
        options=dict(
            frame_step=args.frame_step,
            fps=args.fps,
            camera=args.camera_name,
            start=None if args.start is None else parse_start(args.start, "--start"),
            segment_frames=args.segment_frames,
        ),
        retry_failed=args.retry_failed,
        quiet=args.quiet,
        workers=args.workers,
    )
    if args.engine == "ranks":
        _join_ranks()
    return _report(ENGINES[args.engine](job), job)


def _join_ranks() -> None:
    """Join the group of processes that torchrun or Slurm has started.

    Raises:
        InputError: Neither has.
    """
    import os

    from mmpsearch.errors import InputError
    from mmpsearch.utils.gloo_ranks import join_gloo_ranks

    launcher = {"RANK": "pytorch", "SLURM_PROCID": "slurm"}
    found = next((name for key, name in launcher.items() if key in os.environ), None)
    if found is None:
        raise InputError(
            "--engine ranks: start it with torchrun --nproc-per-node N or srun -n N"
        )
    join_gloo_ranks(found)


def _report(archive, job) -> int:
    from mmengine import dist

    from mmpsearch.utils.terminal import printable

    if dist.get_rank() > 0:
        return 0
    failed, done = archive.in_state("failed"), archive.in_state("done")
    if job.left_out:
        print(printable(f"passed over: {job.left_out}"))
    for unit in failed:
        print(printable(f"failed: {unit}: {archive.failure(unit)}"), file=sys.stderr)
    print(f"{len(done)} of {len(archive.units)} units are done, {len(failed)} failed")
    return 1 if failed else 0


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: must be at least 1")
    return number


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text}: must be a positive number")
    return number
