"""Runs of the child, which is started again behind a file that ended it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
KINDS = ("pictures", "mat", "json", "npz", "galleries", "checkpoints", "tables")


def faults(folder: Path, kinds: Sequence[str], count: int, seed: int = 0) -> list[str]:
    """What went wrong with ``count`` damaged files of every kind."""
    found: list[str] = []
    left, first = list(kinds), 0
    while left:
        command = ["-m", "tests.fuzzing.child", folder, seed, first, count, *left]
        done = subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=ROOT,
            env=dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1"),
            capture_output=True,
            text=True,
        )
        found += [line for line in done.stdout.splitlines() if line.startswith("{")]
        progress = folder / "progress"
        reached = progress.read_text().splitlines() if progress.exists() else []
        if reached and reached[-1] == "done":
            break
        if not reached or len(found) > 50:
            found.append(done.stderr[-3000:])
            break
        kind, number = reached[-1].split()
        ended = "took too long" if "Timeout" in done.stderr else done.returncode
        fault = f"ended the process: {ended}\n{done.stderr[-1500:]}"
        found.append(json.dumps(dict(kind=kind, number=int(number), fault=fault)))
        left, first = left[left.index(kind) :], int(number) + 1
    return found
