"""Long work in the background, one job after the other, with its state on disk.

A job outlives the page that began it and the server that ran it: what was waiting or
running when the server went down is taken up again when it starts.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mmpsearch.errors import InputError, UserError
from mmpsearch.utils.atomic import replace_when_done

WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting running done failed stopped".split()
SAVE_SECONDS = 1.0
KEPT = 50  # jobs that have ended
TICK = 5.0  # seconds between two looks at what is due


class StoppedError(Exception):
    """The user has stopped the job."""


@dataclass
class Job:
    """One piece of work.

    Attributes:
        number: Rising from 1.
        kind: What is done, as ``Jobs`` was told.
        what: The source, as the user named it.
        options: Of the work.
        user: Who asked for it.
        state: ``waiting``, ``running``, ``done``, ``failed`` or ``stopped``.
        share: How much is done, 0..1.
        text: How far it is, or how it ended, in words.
        failed: File and reason, of files that could not be read.
        begun: Unix time; 0 while it waits.
        ended: Unix time; 0 before.
    """

    number: int
    kind: str
    what: str
    options: dict = field(default_factory=dict)
    user: str = ""
    state: str = WAITING
    share: float = 0.0
    text: str = ""
    failed: list[list[str]] = field(default_factory=list)
    begun: float = 0.0
    ended: float = 0.0

    @property
    def over(self) -> bool:
        """It has ended in one way or another."""
        return self.state in (DONE, FAILED, STOPPED)


class Jobs:
    """A queue of jobs and the thread that does them.

    Args:
        folder: One file each is kept here.
        work: kind -> does a job, calling ``tell(share, text)`` now and then, which
            raises when the job is to stop.
        tick: Called by the same thread now and then while nothing is to be done.
    """

    def __init__(
        self,
        folder: Path,
        work: dict[str, Callable[[Job, Callable[[float, str], None]], None]],
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self._folder, self._work, self._tick = folder, work, tick
        self._changed = threading.Condition()
        self._stopping: set[int] = set()
        self._closed = False
        folder.mkdir(parents=True, exist_ok=True)
        self._jobs = {
            job.number: job for job in map(_load, folder.glob("*.json")) if job
        }
        for job in self._jobs.values():
            if job.state == RUNNING:  # the server went down meanwhile
                job.state, job.text = WAITING, "goes on after a restart"
                self._save(job)
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def add(self, kind: str, what: str, options: dict, user: str = "") -> Job:
        """Queue a job."""
        if kind not in self._work:
            raise InputError(f"there is no work {kind!r}")
        with self._changed:
            job = Job(max(self._jobs, default=0) + 1, kind, what, options, user)
            self._jobs[job.number] = job
            self._save(job)
            self._changed.notify_all()
        return job

    def list(self) -> list[Job]:
        """The newest first."""
        with self._changed:
            return sorted(self._jobs.values(), key=lambda job: -job.number)

    def stop(self, number: int) -> None:
        """End a job as soon as it can be; what was done stays done.

        Raises:
            InputError: There is no such job.
        """
        with self._changed:
            job = self._jobs.get(number)
            if job is None:
                raise InputError(f"there is no job {number}")
            if job.state == WAITING:
                self._end(job, STOPPED, "stopped before it began")
            elif job.state == RUNNING:
                self._stopping.add(number)

    def wait(self, number: int, seconds: float) -> Job:
        """Wait until a job is over, or the time is; for tests and programs."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs[number].over, seconds)
            return self._jobs[number]

    def close(self, seconds: float = 30.0) -> None:
        """Leave the work; what is running is taken up by the next start."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._closed:
            with self._changed:
                waiting = [j for j in self._jobs.values() if j.state == WAITING]
                if not waiting:
                    self._changed.wait(TICK)
                    waiting = [j for j in self._jobs.values() if j.state == WAITING]
            if self._closed:
                return
            if waiting:
                self._do(min(waiting, key=lambda job: job.number))
            self._tick()

    def _do(self, job: Job) -> None:
        job.state, job.begun, job.text = RUNNING, time.time(), "begins"
        self._save(job)
        last = time.monotonic()

        def tell(share: float, text: str) -> None:
            nonlocal last
            if self._closed or job.number in self._stopping:
                raise StoppedError
            job.share, job.text = min(1.0, max(0.0, share)), text
            if time.monotonic() - last > SAVE_SECONDS:
                last = time.monotonic()
                self._save(job)

        try:
            self._work[job.kind](job, tell)
        except StoppedError:
            if self._closed:
                return  # still running, for the next start
            self._end(job, STOPPED, f"stopped: {job.text}")
        except (UserError, OSError, ImportError) as error:
            self._end(job, FAILED, " ".join(str(error).split()))
        except Exception as error:  # a job never ends the thread that does them
            self._end(job, FAILED, f"{type(error).__name__}: {error}")
        else:
            job.share = 1.0
            self._end(job, DONE, job.text)

    def _end(self, job: Job, state: str, text: str) -> None:
        with self._changed:
            job.state, job.text, job.ended = state, text, time.time()
            self._stopping.discard(job.number)
            self._save(job)
            over = sorted(n for n, one in self._jobs.items() if one.over)
            for number in over[:-KEPT]:
                del self._jobs[number]
                self._file(number).unlink(missing_ok=True)
            self._changed.notify_all()

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:06d}.json"

    def _save(self, job: Job) -> None:
        with replace_when_done(self._file(job.number)) as temporary:
            temporary.write_text(json.dumps(asdict(job)), encoding="utf-8")


def _load(file: Path) -> Job | None:
    try:
        return Job(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
