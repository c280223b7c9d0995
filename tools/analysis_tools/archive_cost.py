"""What cameras cost: cores, disk and memory, from measured rates.

    python tools/analysis_tools/archive_cost.py --cameras 100 --fps 1 \\
        --people-per-frame 2 --frames-per-second 9 --bytes-per-person 900

``--frames-per-second`` (of one core) and ``--bytes-per-person`` come from
`tools/benchmarks/extraction.py` on your machine, with your model and your videos; the
rest is about your cameras. The last line is JSON.
"""

import argparse
import json

from mmpsearch.utils.command_line import one_line_errors

DAY = 86400.0
# In memory a person is an 8-bit copy of the vector, and the columns, which took about
# so many bytes in tools/benchmarks/gallery_scale.py: 1,224 MiB a million, of which
# 544 MiB were the program itself. The vectors stay in the file.
COLUMNS = 460
PROGRAM = 0.6e9


def reckon(args: argparse.Namespace) -> dict[str, float]:
    """The day's work of all cameras, and what the gallery needs.

    Returns:
        Frames and people a day, cores that keep up, core-hours a camera and day, disk
        of the archive a day, and memory of the gallery over the days that are kept.
    """
    frames = args.cameras * args.hours * 3600 * args.fps
    sightings = frames * args.people_per_frame
    people = sightings / args.sightings_per_record
    kept = people * args.days
    return {
        "frames_per_day": frames,
        "records_per_day": people,
        "cores": frames / (DAY * args.frames_per_second),
        "core_hours_per_camera_day": frames
        / args.cameras
        / args.frames_per_second
        / 3600,
        "archive_gb_per_day": people * args.bytes_per_person / 1e9,
        "records_kept": kept,
        "gallery_memory_gb": (PROGRAM + kept * (args.dimension + COLUMNS)) / 1e9,
    }


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Print the table, and the JSON line.

    Returns:
        What `reckon` does.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--cameras", type=_positive, default=1)
    add("--hours", type=_positive, default=24, help="a day that are recorded (24)")
    add("--fps", type=_positive, default=1, help="frames a second looked at (1)")
    add("--people-per-frame", type=_positive, required=True, help="on average")
    add(
        "--sightings-per-record",
        type=_positive,
        default=1,
        help="1 without --tracks; with them, sightings of a track by views kept",
    )
    add(
        "--frames-per-second", type=_positive, required=True, help="of one core, or GPU"
    )
    add("--bytes-per-person", type=_positive, required=True, help="of the archive")
    add("--dimension", type=_positive, default=256, help="values of an embedding (256)")
    add("--days", type=_positive, default=30, help="that the gallery keeps (30)")
    result = reckon(parser.parse_args(argv))
    for name, value in result.items():
        print(f"{name.replace('_', ' '):28} {value:,.3g}")
    print(json.dumps({name: round(value, 4) for name, value in result.items()}))
    return result


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text}: must be a positive number")
    return number


if __name__ == "__main__":
    with one_line_errors():
        main()
