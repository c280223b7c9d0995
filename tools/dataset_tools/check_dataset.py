"""Hold a copy of a data set against the published numbers.

    python tools/dataset_tools/check_dataset.py market1501 data/Market-1501-v15.09.15

Prints, split by split, what the authors state beside what was found, opens a sample
of the pictures, names those that are missing or cannot be read, and says where the
data is requested. Of own data (coco_person_search, mot_person_search) it prints what
was found. Ends with status 1 when anything is not as it should be.
"""

from __future__ import annotations

import argparse
import random
import sys
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent))
from published_counts import DATASETS, OWN, SplitReport, inspect  # noqa: E402

from mmpsearch.datasets.person_search.own.splits import RULES  # noqa: E402
from mmpsearch.datasets.transforms import LoadImage  # noqa: E402
from mmpsearch.errors import UnreadableImageError  # noqa: E402
from mmpsearch.utils.command_line import one_line_errors

NAMED = 20  # files of a kind that are printed


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=sorted(DATASETS), help="the data set")
    parser.add_argument("root", help="its folder")
    parser.add_argument(
        "--pictures", type=int, default=200, help="to open; -1 for all [200]"
    )
    parser.add_argument(
        "--split-by", choices=RULES, help="of own data: how to split it"
    )
    return parser.parse_args(argv)


def show(reports: list[SplitReport], title: str) -> Table:
    """The table: published, found, pass or FAIL for every cell."""
    table = Table(title=title)
    for column in ("split", "quantity", "published", "found", "result"):
        right = column in ("published", "found")
        table.add_column(column, justify="right" if right else "left")
    for report in reports:
        for quantity, want, found in report.cells:
            known = want is not None
            result = "" if not known else "pass" if want == found else "FAIL"
            published = f"{want:,}" if known else "-"
            style = "red" if result == "FAIL" else None
            table.add_row(
                report.name, quantity, published, f"{found:,}", result, style=style
            )
        if report.error:
            table.add_row(report.name, "cannot be read", "", "", "FAIL", style="red")
        table.add_section()
    return table


def open_pictures(paths: list[str], amount: int) -> list[str]:
    """Decode ``amount`` of the pictures (-1: all); what is wrong with the bad ones."""
    if 0 <= amount < len(paths):
        paths = random.Random(0).sample(paths, amount)
    load, problems = LoadImage(), []
    for path in track(paths, "opening pictures", console=Console(stderr=True)):
        try:
            load(dict(img_path=path))
        except UnreadableImageError as error:
            problems.append(str(error))
    return problems


def name_some(console: Console, heading: str, lines: list[str]) -> None:
    """Print the first lines of a kind, and how many there are."""
    if lines:
        console.print(f"{len(lines)} {heading}:", style="red")
        for line in lines[:NAMED]:
            console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
        if len(lines) > NAMED:
            console.print(f"  ... and {len(lines) - NAMED} more")


def main(argv: list[str] | None = None) -> int:
    """Check, print, and return the exit status."""
    args = parse_args(argv)
    console = Console()
    reports = list(inspect(args.name, args.root, args.split_by))
    console.print(show(reports, f"{args.name} in {args.root}"))
    for error in dict.fromkeys(report.error for report in reports if report.error):
        names = ", ".join(report.name for report in reports if report.error == error)
        text = f"{names}: {error}"
        console.print(text, style="red", markup=False, soft_wrap=True)
    missing = sorted({path for report in reports for path in report.missing})
    there = {path for report in reports for path in report.paths} - set(missing)
    problems = open_pictures(sorted(there), args.pictures)
    name_some(console, "pictures are missing", missing)
    name_some(console, "pictures cannot be read", problems)
    build = DATASETS[args.name]
    request = (build.func if isinstance(build, partial) else build).REQUEST
    console.print(request, markup=False, soft_wrap=True)
    passed = all(report.passed for report in reports) and not problems
    right, wrong = "all as published", "NOT as published"
    if build in OWN:
        right, wrong = "nothing is wrong", "something is WRONG"
    console.print(right if passed else wrong)
    return 0 if passed else 1


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
