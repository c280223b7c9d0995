"""A search result on the terminal, whatever its width."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from mmpsearch.apis.search_report import format_time, verdict
from mmpsearch.gallery.search_result import SearchResult
from mmpsearch.utils.terminal import printable

COLUMNS = ("rank", "similarity", "score", "camera", "time", "box", "picture")
NAMES = ("camera", "picture")  # to Rich what may be wrapped gives way first
NARROWEST = 8  # cells of a name


def print_result(console: Console, result: SearchResult) -> None:
    """Print the ranking; the folder's path stays in one piece, to be copied."""
    table = result_table(result)
    console.print(table.title, soft_wrap=True)
    table.title = None
    console.print(table)


def result_table(result: SearchResult) -> Table:
    """The ranking for the terminal, with boxes, and paths below their common folder.

    Numbers are always shown in full, names by their ends where space is short. Names
    are shown as text: what would move the cursor or change colours is escaped.
    """
    folder = common_folder([match.path for match in result.matches])
    title = verdict(result) + (f"\nin {folder}" if folder else "")
    rows = []
    for match in result.matches:
        path = os.path.relpath(match.path, folder) if folder else match.path
        rows.append(
            {
                "rank": str(match.rank),
                "similarity": f"{match.similarity:.3f}",
                "score": f"{match.score:.2f}",
                "camera": Ending(printable(match.camera)),
                "time": "" if match.time is None else format_time(match.time),
                "box": " ".join(f"{value:.0f}" for value in match.box),
                "picture": Ending(printable(path)),
            }
        )
    table = Table(
        title=Text(printable(title)),
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    with_camera = any(match.camera for match in result.matches)
    columns = [name for name in COLUMNS if name != "camera" or with_camera]
    for name in columns:
        side = "left" if name == "picture" else "right"
        table.add_column(name, justify=side, no_wrap=name not in NAMES)
    for row in rows:
        table.add_row(*(row[name] for name in columns))
    return table


class Ending:
    """A name of which, where space is short, the end is shown.

    Args:
        text: Plain, printable.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[Text]:
        text, width = self.text, options.max_width
        if cell_len(text) > width:
            while text and cell_len(text) > width - 1:
                text = text[1:]
            text = f"…{text}"
        yield Text(text, no_wrap=True, overflow="crop", justify=options.justify)

    def __rich_measure__(
        self, console: Console, options: ConsoleOptions
    ) -> Measurement:
        width = cell_len(self.text)
        return Measurement(min(width, NARROWEST), width)


def common_folder(paths: Sequence[str]) -> str:
    """The deepest folder that holds all the files; ``""`` when there is none."""
    if not paths or not all(os.path.isabs(path) for path in paths):
        return ""
    try:
        folder = os.path.commonpath([os.path.dirname(path) for path in paths])
    except ValueError:  # on several drives
        return ""
    return "" if folder == os.path.sep else folder
