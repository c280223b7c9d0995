"""Draw the tracks of a folder as contact sheets, and list them in people.csv.

    python tools/own_data/show_tracks.py data/tracks

Writes ``people.csv`` with a row per track and ``sheets/<camera>_01.jpg`` to look at.
Edit the column ``person`` and run the same command again, which keeps what you wrote
and draws ``sheets/people_01.jpg``, one row a person:

- merge: give tracks of one person, of any cameras, the same name;
- split: copy a track's row, and give the parts their own ``first`` and ``last`` frame
  and their own names;
- discard: write ``discard`` where a track is no person; leave the cell empty where it
  is a person whom you do not know.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from mmpsearch.datasets.person_search.own.people_table import (
    DISCARD,
    PeopleRow,
    read_people_table,
    with_new_tracks,
    write_people_table,
)
from mmpsearch.datasets.person_search.own.proposal import propose
from mmpsearch.datasets.person_search.own.scenes import natural_key
from mmpsearch.datasets.person_search.own.track_folder import (
    TABLE,
    TrackedCamera,
    read_tracked,
    views,
)
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import one_line_errors
from mmpsearch.utils.number_ranges import a_count, a_similarity
from mmpsearch.visualization.contact_sheet import SheetRow, draw_contact_sheet

COLUMNS = 8


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="of tools/own_data/track_people.py")
    parser.add_argument(
        "--merge-above",
        type=a_similarity,
        help="propose the same person for tracks that look alike by more than this "
        "cosine (0..1); only for tracks that people.csv does not list yet",
    )
    parser.add_argument("--rows", type=a_count, default=12, help="tracks a sheet [12]")
    return parser.parse_args(argv)


def save_sheets(folder: Path, name: str, rows: Sequence[SheetRow], size: int) -> int:
    """Write ``<name>_01.jpg`` and so on; returns how many."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob(f"{name}_[0-9][0-9]*.jpg"):
        old.unlink()
    pages = [rows[start : start + size] for start in range(0, len(rows), size)]
    for number, page in enumerate(pages, start=1):
        title = f"{name}, sheet {number} of {len(pages)}"
        image = draw_contact_sheet(page, title, COLUMNS)
        with replace_when_done(folder / f"{name}_{number:02d}.jpg") as temporary:
            cv2.imwrite(str(temporary), image)
    return len(pages)


def sheet_row(camera: TrackedCamera, row: PeopleRow) -> SheetRow:
    """A track's part as a row of a sheet."""
    lines = [
        f"frames {row.first} to {row.last}",
        f"person: {row.person or '(unknown)'}",
    ]
    if row.looks_like:
        lines.append(f"looks like {row.looks_like}")
    return SheetRow(row.name, lines, views(camera, row, COLUMNS))


def people_rows(
    cameras: dict[str, TrackedCamera], rows: Sequence[PeopleRow]
) -> list[SheetRow]:
    """One row a person: pictures of all its tracks."""
    people: dict[str, list[PeopleRow]] = {}
    for row in rows:
        if row.person and row.person.lower() != DISCARD and row.camera in cameras:
            people.setdefault(row.person, []).append(row)
    found = []
    for person, parts in sorted(people.items(), key=lambda p: natural_key(p[0])):
        each = -(-COLUMNS // len(parts))
        crops = [c for part in parts for c in views(cameras[part.camera], part, each)]
        if len(crops) > COLUMNS:
            spread = np.linspace(0, len(crops) - 1, COLUMNS).round().astype(int)
            crops = [crops[place] for place in spread]
        lines = [f"{len(parts)} tracks", *[part.name for part in parts[:4]]]
        found.append(SheetRow(person, lines, crops))
    return found


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors():
        cameras = read_tracked(args.folder)
        table = args.folder / TABLE
        edited = read_people_table(table) if table.exists() else []
        rows = with_new_tracks(edited, propose(cameras, args.merge_above))
        write_people_table(table, rows)
        by_name = {camera.name: camera for camera in cameras}
        sheets = args.folder / "sheets"
        for camera in cameras:
            own = [sheet_row(camera, row) for row in rows if row.camera == camera.name]
            count = save_sheets(sheets, camera.name, own, args.rows)
            print(f"{camera.name}: {len(own)} tracks on {count} sheets")
        people = people_rows(by_name, rows)
        count = save_sheets(sheets, "people", people, args.rows)
        print(f"{len(people)} people on {count} sheets in {sheets}")
        print(f"Edit the column 'person' of {table}, then run this again to look.")


if __name__ == "__main__":
    main()
