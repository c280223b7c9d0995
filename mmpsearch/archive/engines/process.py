"""One process extracts one unit after the other."""

from __future__ import annotations

from mmpsearch.archive.engines.job import Job
from mmpsearch.archive.extraction import Worker
from mmpsearch.archive.folder import Archive


def extract_here(job: Job) -> Archive:
    """Extract in this process.

    Returns:
        The archive, with what is done and what failed.

    Raises:
        ArchiveError: Another process extracts into it, or it has other settings.
    """
    archive = Archive(job.out)
    with archive.lock():
        inferencer = job.load()
        job.plan(archive, inferencer.fingerprint, inferencer.score_threshold)
        worker = Worker(archive, inferencer, job.tracks)
        with job.progress(archive) as progress:
            for unit in archive.pending():
                progress.tell(worker.run(unit))
    return archive
