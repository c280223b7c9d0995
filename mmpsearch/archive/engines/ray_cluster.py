"""Ray, on a laptop or a cluster: CPU tasks read pictures, actors find the people.

Not by Ray's data sets, which would gather all pictures' people before the first unit
could be kept: a unit is kept as soon as its last picture is embedded, so that a kill
costs the units that are under way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from mmpsearch.archive.engines.job import Job
from mmpsearch.archive.extraction import Item, Outcome, Worker, read_unit
from mmpsearch.archive.folder import Archive
from mmpsearch.archive.units import Unit
from mmpsearch.errors import ArchiveError

AHEAD = 8  # pictures that are read before they are needed
MAX_CRASHES = 3  # of the workers, on one unit


def extract_on_ray(job: Job) -> Archive:
    """Extract with the workers of Ray.

    A running cluster is joined where ``RAY_ADDRESS`` names it; otherwise Ray is started
    on this machine for the time of the call. All machines must see the same folders.
    A unit that kills its worker three times has failed.

    Raises:
        ArchiveError: Another process extracts into it, or it has other settings.
        ImportError: Ray is not installed.
    """
    ray = _ray()
    archive = Archive(job.out)
    with archive.lock():
        started = not ray.is_initialized()
        if started:
            ray.init(
                address=os.environ.get("RAY_ADDRESS"),
                include_dashboard=False,
                log_to_driver=False,
                logging_level="warning",
                configure_logging=False,
            )
        try:
            pool = _Pool(ray, job)
            job.plan(archive, *pool.describe())
            with job.progress(archive) as progress:
                for outcome in pool.run(archive):
                    progress.tell(outcome)
        finally:
            if started:
                ray.shutdown()
    return archive


def _ray():
    try:
        import ray
    except ImportError as error:
        raise ImportError(
            f"--engine ray needs Ray ({error}): pip install 'mmpsearch[ray]'"
        ) from error
    return ray


class _Finder:
    """An actor: loads the model once, and extracts units that tasks read for it."""

    def __init__(self, job: Job, archive: str) -> None:
        self._inferencer, self._tracks = job.load(), job.tracks
        self._archive = Archive(archive)

    def describe(self) -> tuple:
        """The model's fingerprint and threshold."""
        return self._inferencer.fingerprint, self._inferencer.score_threshold

    def run(self, unit: Unit) -> Outcome:
        """Extract one unit."""
        worker = Worker(self._archive, self._inferencer, self._tracks)
        return worker.run(unit, _read_elsewhere(unit))


def _read_elsewhere(unit: Unit) -> Iterator[Item]:
    """The pictures of a unit, read ahead by a task on any machine."""
    ray = _ray()
    task = ray.remote(read_unit).options(
        num_cpus=1, num_returns="streaming", _generator_backpressure_num_objects=AHEAD
    )
    for item in task.remote(unit):
        yield ray.get(item)


class _Pool:
    """The actors, each with one unit at a time."""

    def __init__(self, ray, job: Job) -> None:
        self._ray, self._job = ray, job
        resources = ray.cluster_resources()
        gpus, cores = int(resources.get("GPU", 0)), int(resources.get("CPU", 1))
        number = job.workers or gpus or max(1, cores // (1 + job.decoders))
        # the cores are for the tasks that read: an actor of its own would starve them
        options = {"num_gpus": 1} if gpus else {"num_cpus": 0}
        self._actor = ray.remote(_Finder).options(**options)
        self._idle = [self._new() for _ in range(number)]

    def _new(self):
        return self._actor.remote(self._job, os.path.abspath(self._job.out))

    def describe(self) -> tuple:
        """Fingerprint and threshold of the model."""
        return self._ray.get(self._idle[0].describe.remote())

    def run(self, archive: Archive) -> Iterator[Outcome]:
        """Extract what is pending.

        Raises:
            ArchiveError: As ``Worker.run``.
        """
        waiting, busy, crashes = archive.pending()[::-1], {}, {}
        strange: list[Unit] = []
        while waiting or busy:
            while waiting and self._idle:
                actor, unit = self._idle.pop(), waiting.pop()
                busy[actor.run.remote(unit)] = (actor, unit)
            (done,), _ = self._ray.wait(list(busy), num_returns=1)
            actor, unit = busy.pop(done)
            try:
                outcome = self._ray.get(done)
                self._idle.append(actor)
            except self._ray.exceptions.RayActorError:
                self._idle.append(self._new())
                crashes[unit.key] = crashes.get(unit.key, 0) + 1
                if crashes[unit.key] < MAX_CRASHES:
                    waiting.insert(0, unit)
                    continue
                reason = f"it ended the process that read it {MAX_CRASHES} times"
                archive.fail(unit, reason)
                outcome = Outcome(str(unit), failure=reason)
            strange = [*strange, unit] if outcome.strange else []
            if len(strange) >= 3 * max(1, len(self._idle) + len(busy)):
                archive.retry(strange)
                raise ArchiveError(
                    f"{len(strange)} files in a row failed for a reason that is not "
                    f"theirs ({outcome.failure}); extract again when it is removed"
                )
            yield outcome
