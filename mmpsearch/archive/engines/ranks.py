"""The ranks of a job (torchrun, Slurm) deal out the units by size."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from contextlib import ExitStack

from mmengine import dist

from mmpsearch.archive.engines.job import Job
from mmpsearch.archive.extraction import Worker
from mmpsearch.archive.folder import Archive
from mmpsearch.archive.units import Unit


def deal(units: Sequence[Unit], ranks: int) -> list[list[Unit]]:
    """Units for each rank, so that the largest share is small.

    The next largest unit goes to the rank that has least so far (Graham 1969: at most
    4/3 of the best division).
    """
    hands: list[list[Unit]] = [[] for _ in range(ranks)]
    load = [(0.0, rank) for rank in range(ranks)]
    for unit in sorted(units, key=lambda unit: (-unit.size, unit.key)):
        held, rank = heapq.heappop(load)
        hands[rank].append(unit)
        heapq.heappush(load, (held + unit.size, rank))
    return hands


def extract_on_ranks(job: Job) -> Archive:
    """Extract on every rank of the process group, which must be there already.

    Rank 0 plans and shows the progress of all. The folder must be the same for all.
    A rank that ends early leaves its share to the next call.

    Raises:
        ArchiveError: Another process extracts into it, or it has other settings.
    """
    rank = dist.get_rank()
    inferencer = job.load()
    with ExitStack() as stack:
        failure = [None]
        if rank == 0:
            try:
                archive = Archive(job.out)
                stack.enter_context(archive.lock())
                job.plan(archive, inferencer.fingerprint, inferencer.score_threshold)
            except Exception as error:  # noqa: BLE001  to be raised on every rank
                failure = [error]
        dist.broadcast_object_list(failure)  # also: the plan is written
        if failure[0] is not None:
            raise failure[0]
        archive = Archive(job.out)
        mine = {
            unit.key for unit in deal(archive.pending(), dist.get_world_size())[rank]
        }
        dist.barrier()  # everybody has dealt before anything is done
        worker = Worker(archive, inferencer, job.tracks)
        job.quiet = job.quiet or rank > 0
        with job.progress(archive) as progress:
            for unit in archive.pending():
                if unit.key in mine:
                    progress.tell(worker.run(unit))
            dist.barrier()
    return archive
