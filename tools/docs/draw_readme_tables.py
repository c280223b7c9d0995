"""Draw the tables of published numbers in the READMEs of configs/.

    python tools/docs/draw_readme_tables.py          # rewrite
    python tools/docs/draw_readme_tables.py --check  # fail when a table is out of date

A number stands once: in ``metafile.yml`` where a model of the catalogue has it. A table
stands in ``tables.yml`` beside it, as rows of cells; the second row is Markdown's
alignment. ``{MODEL; DATA SET; METRIC / METRIC}`` in a cell is read from the metafile.
It is drawn between ``<!-- table NAME -->`` and ``<!-- /table NAME -->`` of README.md.
"""

import argparse
import re
import sys
from pathlib import Path

import yaml

from mmpsearch.errors import InputError
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import one_line_errors

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = re.compile(r"\{([^{};]+); ([^{};]+); ([^{};]+)\}")
Numbers = dict[tuple[str, str, str], str]


def published_numbers(metafile: Path) -> Numbers:
    """(model, data set, metric) -> number, as it is written in a metafile.

    Raises:
        InputError: Two results of a model give a metric different numbers.
    """
    found: Numbers = {}
    content = yaml.load(metafile.read_text(encoding="utf-8"), yaml.BaseLoader)
    for model in content["Models"]:
        for result in model.get("Results") or ():
            for metric, number in result["Metrics"].items():
                key = model["Name"], result["Dataset"], metric
                if found.setdefault(key, number) != number:
                    raise InputError(f"{metafile}: {'; '.join(key)} has two numbers")
    return found


def draw(rows: list[list[str]], numbers: Numbers) -> str:
    """A Markdown table.

    Args:
        rows: Cells; all rows of the same length.
        numbers: Of ``published_numbers``.

    Raises:
        InputError: A reference finds no number, or a row has another length.
    """
    lines = []
    for row in rows:
        if len(row) != len(rows[0]):
            raise InputError(f"the row {row} has not {len(rows[0])} cells")
        cells = [REFERENCE.sub(lambda m: _numbers_of(m, numbers), cell) for cell in row]
        lines.append("|" + "|".join(f" {c} " if c else " " for c in cells) + "|")
    lines[1] = lines[1].replace(" ", "")
    return "\n".join(lines)


def _numbers_of(reference: re.Match, numbers: Numbers) -> str:
    model, dataset, metrics = reference.groups()
    keys = [(model, dataset, metric) for metric in metrics.split(" / ")]
    missing = [key for key in keys if key not in numbers]
    if missing:
        raise InputError(f"{reference[0]}: the metafile has no {'; '.join(missing[0])}")
    return " / ".join(numbers[key] for key in keys)


def drawn_page(tables: Path) -> tuple[Path, str]:
    """README.md beside a ``tables.yml``, and its text with every table drawn anew.

    Raises:
        InputError: A table is wrong, or the page has not exactly one place for it.
    """
    page = tables.parent / "README.md"
    text = page.read_text(encoding="utf-8")
    numbers = published_numbers(tables.parent / "metafile.yml")
    content = yaml.load(tables.read_text(encoding="utf-8"), yaml.BaseLoader)
    for name, rows in content.items():
        start, end = f"<!-- table {name} -->\n", f"\n<!-- /table {name} -->"
        if text.count(start) != 1 or text.count(end) != 1:
            raise InputError(f"{page}: needs one {start.strip()} and one{end}")
        try:
            table = draw(rows, numbers)
        except InputError as error:
            raise InputError(f"{tables}: {name}: {error}") from None
        before, rest = text.split(start)
        text = before + start + table + end + rest.split(end)[1]
    return page, text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    args = parser.parse_args()
    stale = []
    for tables in sorted((ROOT / "configs").rglob("tables.yml")):
        page, text = drawn_page(tables)
        if text == page.read_text(encoding="utf-8"):
            continue
        stale.append(page)
        if not args.check:
            with replace_when_done(page) as temporary:
                temporary.write_text(text, encoding="utf-8")
    for page in stale:
        print(f"{page}: {'out of date' if args.check else 'rewritten'}")
    return 1 if args.check and stale else 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
