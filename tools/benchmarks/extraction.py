"""Extraction: people a second by one process, by two ranks, and by Ray.

    python tools/benchmarks/extraction.py videos/ --model yolox-nano+retail-0287

Every engine extracts the same sources into an archive of its own, with one thread of
PyTorch a process; ``equal`` says whether the records are the same. The seconds of the
others run from the first unit to the end of the command. ``frames_per_second`` of one
process is what `tools/analysis_tools/archive_cost.py` reckons with.
"""

import argparse
import functools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import Measurement, PeakMemory, report

from mmpsearch.apis.load_inferencer import load_inferencer
from mmpsearch.apis.model_arguments import FIELDS, add_model_arguments
from mmpsearch.archive import Archive
from mmpsearch.archive.engines.job import Job
from mmpsearch.archive.engines.process import extract_here
from mmpsearch.utils.command_line import one_line_errors


def rows(archive: Archive) -> list[tuple]:
    """Everybody, in a form that can be compared."""
    found = [archive.records(unit) for unit in archive.in_state("done")]
    return sorted(
        (path, int(frame), *box.round(2).tolist(), *vector[:8].round(4).tolist())
        for records in found
        for path, frame, box, vector in zip(
            records.paths,
            records.frames,
            records.boxes,
            records.embeddings,
            strict=True,
        )
    )


def by_command(engine: str, out: Path, argv: list[str]) -> float:
    """Extract in new processes, as a user does.

    Returns:
        Seconds from the first unit that is begun to the end.
    """
    tool = Path(__file__).parents[1] / "extract_people.py"
    starts = {"ranks": ["-m", "torch.distributed.run", "--nproc-per-node=2"], "ray": []}
    command = [sys.executable, *starts[engine], str(tool), *argv]
    command += ["--out", str(out), "--engine", engine, "--quiet"]
    if engine == "ray":
        command += ["--workers", "2"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    begun, start = out / "begun", time.perf_counter()
    while process.poll() is None:
        if not begun.is_dir():
            start = time.perf_counter()
        time.sleep(0.01)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sources", nargs="+", help="videos, pictures or folders")
    parser.add_argument("--frame-step", type=int, default=10)
    parser.add_argument(
        "--engines", nargs="*", choices=("ranks", "ray"), default=["ranks", "ray"]
    )
    add_model_arguments(parser)
    args, model = parser.parse_args(), []
    for field in FIELDS:
        value = getattr(args, field)
        if isinstance(value, bool):
            model += [f"--{field.replace('_', '-')}"] if value else []
        elif value is not None:
            model += [f"--{field.replace('_', '-')}", str(value)]
    argv = [*args.sources, "--frame-step", str(args.frame_step), *model]
    os.environ["OMP_NUM_THREADS"] = "1"
    inferencer = load_inferencer(**{field: getattr(args, field) for field in FIELDS})
    with tempfile.TemporaryDirectory() as folder:
        job = Job(
            args.sources,
            f"{folder}/process",
            functools.partial(lambda loaded: loaded, inferencer),
            options={"frame_step": args.frame_step},
            quiet=True,
        )
        with PeakMemory() as memory:
            start, cpu = time.perf_counter(), time.process_time()
            archive = extract_here(job)
            seconds = time.perf_counter() - start
            cpu = time.process_time() - cpu
        people = rows(archive)
        units = archive.in_state("done")
        frames = sum(archive.about(unit)["pictures"] for unit in units)
        size = sum(archive.people_file(unit).stat().st_size for unit in units)
        others = {}
        for engine in args.engines:
            taken = by_command(engine, Path(folder, engine), argv)
            same = rows(Archive(Path(folder, engine))) == people
            others[engine] = {
                "seconds": round(taken, 2),
                "ratio": round(seconds / taken, 2),
                "equal": same,
            }
    report(
        "extraction",
        Measurement([seconds], [cpu], memory.start_mib, memory.peak_mib),
        equal=all(other["equal"] for other in others.values()),
        units=len(units),
        frames=frames,
        people=len(people),
        frames_per_second=round(frames / seconds, 2),
        people_per_second=round(len(people) / seconds, 2),
        bytes_per_person=round(size / max(len(people), 1)),
        **others,
    )


if __name__ == "__main__":
    with one_line_errors():
        main()
