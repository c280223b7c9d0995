"""One engine's extraction, to be killed: ``python -m tests.test_archive.extracting``.

Begun again by the same command, it comes to its end.
"""

import sys

from mmpsearch.archive.engines import ENGINES
from mmpsearch.archive.engines.job import Job
from mmpsearch.utils.command_line import leave_together
from mmpsearch.utils.gloo_ranks import join_gloo_ranks
from tests.test_archive.videos import load

if __name__ == "__main__":
    engine, sources, out = sys.argv[1:]
    if engine == "ranks":
        join_gloo_ranks("pytorch")
    workers = 2 if engine == "ray" else None
    job = Job(
        sources, out, load, options={"frame_step": 2}, quiet=True, workers=workers
    )
    assert not ENGINES[engine](job).pending()
    leave_together()
