"""Write tracks and people.csv as a data set that can be trained and tested on.

    python tools/own_data/write_dataset.py data/tracks --out data/mine

Writes ``annotations.json`` (COCO's format with ``person_id``, ``camera_id`` and
``split``) and ``images/``. mmpsearch.COCOPersonSearch reads it; a config for it is
written by tools/own_data/write_config.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mmpsearch.datasets.person_search.own.people_table import read_people_table
from mmpsearch.datasets.person_search.own.splits import RULES
from mmpsearch.datasets.person_search.own.track_folder import TABLE, read_tracked
from mmpsearch.datasets.person_search.own.writer import collect_scenes, write_own_coco
from mmpsearch.errors import InputError
from mmpsearch.utils.command_line import one_line_errors, output_folder
from mmpsearch.utils.number_ranges import a_count, a_score


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("tracks", type=Path, help="folder of tools/own_data/track_people.py")
    add("--out", type=output_folder, required=True, help="folder of the data set")
    add("--people", type=Path, help="the edited table [<tracks>/people.csv]")
    add(
        "--frame-step",
        type=a_count,
        default=1,
        help="take every N-th picture [1]",
    )
    add("--split-by", choices=RULES, default="time", help="test images by ... [time]")
    add(
        "--test-share",
        type=a_score,
        default=0.5,
        help="share for testing [0.5]",
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors():
        table = args.people or args.tracks / TABLE
        if not table.is_file():
            raise InputError(
                f"{table} is missing; tools/own_data/show_tracks.py writes it"
            )
        cameras, people = read_tracked(args.tracks), read_people_table(table)
        own, files = collect_scenes(cameras, people, args.frame_step)
        counts = write_own_coco(args.out, own, files, args.split_by, args.test_share)
        for name, count in counts.items():
            print(f"{count:8,} {name}")
        print(f"in {args.out}")


if __name__ == "__main__":
    main()
