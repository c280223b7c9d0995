"""Progress of a long rendering, on a terminal or in a log file."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

_SECONDS_BETWEEN_LINES = 5.0


class ProgressLine:
    """A bar on a terminal, a line every five seconds elsewhere.

    Use as a context manager; call with (done, total).
    """

    def __init__(self, title: str, console: Console | None = None) -> None:
        self.title = title
        self.console = console or Console(stderr=True)
        self.bar: Progress | None = None
        self.task = None
        self.last = 0.0

    def __enter__(self) -> ProgressLine:
        self.started = time.monotonic()
        if self.console.is_terminal:
            columns = (
                TextColumn(self.title),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            self.bar = Progress(*columns, console=self.console)
            self.bar.start()
            self.task = self.bar.add_task(self.title, total=None)
        return self

    def __exit__(self, *error) -> None:
        if self.bar is not None:
            self.bar.stop()

    def __call__(self, done: int, total: int) -> None:
        if self.bar is not None:
            self.bar.update(self.task, completed=done, total=total)
            return
        now = time.monotonic()
        if done == total or now - self.last >= _SECONDS_BETWEEN_LINES:
            self.last = now
            seconds = now - self.started
            self.console.print(f"{self.title}: {done}/{total} ({seconds:.0f} s)")
