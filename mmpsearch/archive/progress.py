"""How far an extraction is: on the terminal, and in a file for machines without one."""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from mmpsearch.archive.extraction import Outcome
from mmpsearch.archive.folder import Archive
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.terminal import printable

EVERY = 2.0  # seconds between two looks at the folder, and two writings
LINE_EVERY = 30.0  # seconds between two lines where there is no terminal


class Progress:
    """Follows the units of an archive, by whomever they are extracted.

    Writes ``progress.json``: ``done``, ``failed``, ``pending``, ``seconds`` (so far),
    ``units_per_second``, ``people_per_second`` (of this process's units) and
    ``seconds_left`` (null: not known yet).

    Args:
        archive: Planned.
        quiet: Show nothing, and leave the file to another process.
    """

    def __init__(self, archive: Archive, quiet: bool = False) -> None:
        self._archive, self._quiet = archive, quiet
        self._begin = time.monotonic()
        self._last = self._last_line = float("-inf")
        self._people = 0
        self._at_first = len(archive.in_state("pending"))
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            console=Console(stderr=True),
            disable=quiet or not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("extracting", total=len(archive.units), rate="")

    def __enter__(self) -> Progress:
        self._bar.start()
        self._show()
        return self

    def __exit__(self, *error: object) -> None:
        self._show(last=True)
        self._bar.stop()

    def tell(self, outcome: Outcome) -> None:
        """Count what has become of a unit, and name it if it failed."""
        self._people += outcome.people
        if outcome.failure:
            text = printable(f"failed: {outcome.unit}: {outcome.failure}")
            self._bar.console.print(text, markup=False, highlight=False)
        if time.monotonic() - self._last > EVERY:
            self._show()

    def _show(self, last: bool = False) -> None:
        self._last = time.monotonic()
        if self._quiet:
            return
        state = self.state()
        with replace_when_done(self._archive.path / "progress.json") as temporary:
            temporary.write_text(json.dumps(state) + "\n", encoding="utf-8")
        left = state["seconds_left"]
        rate = f"{state['people_per_second']:.1f} people/s, {state['failed']} failed"
        if left is not None and not last:
            rate += f", {timedelta(seconds=round(left))} left"
        finished = state["done"] + state["failed"]
        self._bar.update(self._task, completed=finished, rate=rate)
        overdue = self._last - self._last_line > LINE_EVERY
        if not sys.stderr.isatty() and (last or overdue):
            self._last_line = self._last
            text = f"{finished} of {len(self._archive.units)} units, {rate}"
            print(text, file=sys.stderr, flush=True)

    def state(self) -> dict:
        """What ``progress.json`` holds."""
        states = list(self._archive.states().values())
        failed, pending = states.count("failed"), states.count("pending")
        seconds = time.monotonic() - self._begin
        rate = (self._at_first - pending) / seconds if seconds > 0 else 0.0
        return {
            "done": len(states) - failed - pending,
            "failed": failed,
            "pending": pending,
            "seconds": round(seconds, 3),
            "units_per_second": round(rate, 4),
            "people_per_second": round(self._people / max(seconds, 1e-9), 3),
            "seconds_left": round(pending / rate, 1) if rate else None,
        }
