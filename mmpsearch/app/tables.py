"""Tables and bars of the page, as HTML; all text is escaped."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from mmpsearch.apis.reading_report import count
from mmpsearch.app.cards import escape, note
from mmpsearch.app.jobs import FAILED, RUNNING, WAITING, Job
from mmpsearch.app.media import printable_name
from mmpsearch.app.sources import SourceRow
from mmpsearch.app.storage import Storage, shown_bytes
from mmpsearch.errors import InputError
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.suppression import Entry

MOST_ROWS = 500
VERBS = {"add": "Add", "follow": "Follow"}
SHOWN_JOBS, SHOWN_FAILURES = 5, 100


def moment(clock: float | None) -> str:
    """Local time in words; ``""`` for None."""
    return (
        "" if clock is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(clock))
    )


def table(
    head: Sequence[str], rows: Sequence[Sequence[object]], numbers: Sequence[int] = ()
) -> str:
    """An HTML table.

    Args:
        head: Names of the columns.
        rows: Their values.
        numbers: Columns that are set flush right.
    """

    def line(cells: Sequence[object], tag: str) -> str:
        made = "".join(
            f"<{tag}{' class=number' * (place in numbers)}>{escape(cell)}</{tag}>"
            for place, cell in enumerate(cells)
        )
        return f"<tr>{made}</tr>"

    body = "".join(line(row, "td") for row in rows)
    return (
        f'<div class="mmp-scroll" tabindex="0"><table class="mmp-table"><thead>'
        f"{line(head, 'th')}</thead><tbody>{body}</tbody></table></div>"
    )


def sources(rows: Sequence[SourceRow]) -> str:
    """What the gallery was filled from."""
    if not rows:
        return note(
            "The gallery is empty. Name a folder or a video above and press Add; then "
            "look for somebody in the tab Search."
        )
    shown = [
        (
            row.path,
            row.files,
            row.people,
            ", ".join(row.cameras),
            " – ".join(filter(None, [moment(row.first), moment(row.last)])),
        )
        for row in rows[:MOST_ROWS]
    ]
    more = len(rows) - len(shown)
    head = ("folder or video", "files", "people", "cameras", "time")
    rest = note(f"and {more} more") if more else ""
    return "<h3>Sources</h3>" + table(head, shown, (1, 2)) + rest


def facts(gallery: Gallery, storage: Storage) -> str:
    """Counts, and room on the disk and in memory."""
    cameras = ", ".join(camera for camera in gallery.cameras if camera)
    rows = [
        ("gallery", gallery.store.location),
        ("people", f"{len(gallery):,}"),
        ("files", f"{len(gallery.files):,}"),
        ("cameras", cameras or "none named"),
        ("removed for good", f"{len(gallery.suppressed):,}"),
        ("on the disk", shown_bytes(storage.gallery)),
        ("uploads and state", shown_bytes(storage.page)),
        ("free on the disk", shown_bytes(storage.free)),
        ("memory in use", shown_bytes(storage.memory)),
    ]
    return "<h3>This gallery</h3>" + table(("what", "now"), rows)


def jobs(found: Sequence[Job]) -> str:
    """Bars of what is under way, and how the last ones ended."""
    return "".join(_job(job) for job in found[:SHOWN_JOBS])


def _job(job: Job) -> str:
    what = escape(f"{VERBS.get(job.kind, job.kind)} {job.what}")
    share = round(100 * job.share)
    bar = stop = failed = ""
    if job.state in (WAITING, RUNNING):
        bar = (
            f'<progress max="100" value="{share}" aria-label="{what}">{share} %'
            "</progress>"
        )
        stop = (
            f'<div class="mmp-judge"><button type="button" data-do="stop" '
            f'data-id="{job.number}" aria-label="Stop {what}">Stop</button></div>'
        )
    if job.failed:
        rows = job.failed[:SHOWN_FAILURES]
        failed = (
            f"<details><summary>{count(len(job.failed), 'file')} could not be read"
            f"</summary>{table(('file', 'reason'), rows)}</details>"
        )
    state = f"{job.state}, {share} %" if job.state == RUNNING else job.state
    role = ' role="alert"' if job.state == FAILED else ""
    return (
        f'<div class="mmp-job {job.state}"{role} data-state="{job.state}">'
        f"<p><strong>{what}</strong> · {escape(state)}</p>{bar}"
        f"<p>{escape(job.text)}</p>{stop}{failed}</div>"
    )


def removal(entry: Entry) -> str:
    """A removal in words."""
    reason = f" ({entry.reason})" if entry.reason else ""
    return printable_name(f"{moment(entry.when)}: {entry}{reason}")


def read_numbers(text: str) -> np.ndarray:
    """``"17, 18"`` as (n,) int64.

    Raises:
        InputError: Something else.
    """
    try:
        return np.array(
            [int(part) for part in text.replace(",", " ").split()], np.int64
        )
    except (ValueError, OverflowError) as error:
        raise InputError(f"{text!r}: write numbers, such as 17, 18") from error
