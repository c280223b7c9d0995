"""What the experiments share: resumable runs, their metrics, rows over seeds."""

import argparse
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from mmpsearch.utils.atomic import replace_when_done

ROOT = Path(__file__).resolve().parents[2]
RENDER = "tools/dataset_tools/make_synthetic.py"


def run_once(folder: Path, name: str, *command: str) -> float:
    """Run a Python tool, unless ``folder/name.seconds`` says that it came to its end.

    Args:
        folder: where ``name.log`` and ``name.seconds`` lie.
        name: of the step.
        *command: script, relative to the repository, and its arguments.

    Returns:
        Seconds that the step took, now or before.

    Raises:
        subprocess.CalledProcessError: the tool failed; see ``name.log``.
    """
    done = folder / f"{name}.seconds"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        started = time.time()
        with open(folder / f"{name}.log", "a") as log:
            subprocess.run(
                [sys.executable, *command],
                cwd=ROOT,
                env={"OMP_NUM_THREADS": "1", **os.environ},
                stdout=log,
                stderr=log,
                check=True,
            )
        with replace_when_done(done) as temporary:
            temporary.write_text(f"{time.time() - started:.1f}\n")
    return float(done.read_text())


def render(root: Path, name: str, options: str) -> None:
    """Render data, once.

    Args:
        root: work directory of the experiment.
        name: of the data, for the log.
        options: of tools/dataset_tools/make_synthetic.py.
    """
    run_once(root, f"render_{name}", RENDER, *options.split())


def train(config: str, folder: Path, *options: str) -> float:
    """Train to the end, going on where an earlier call was stopped.

    Args:
        config: path relative to the repository.
        folder: work directory.
        *options: ``key=value`` for ``--cfg-options``.

    Returns:
        Seconds, see :func:`run_once`.
    """
    command = ["tools/train.py", config, "--work-dir", str(folder / "train")]
    return run_once(folder, "train", *command, "--resume", *_given(options))


def last_checkpoint(folder: Path) -> str:
    """The checkpoint that :func:`train` left in a folder."""
    return (folder / "train" / "last_checkpoint").read_text().strip()


def start_from(checkpoint: str, prefix: str | None = None) -> list[str]:
    """Options that give a re-ID model's backbone the weights of a checkpoint.

    Args:
        checkpoint: its file.
        prefix: of the backbone's keys in it; None: found by the loader.
    """
    field = "model.backbone.init_cfg"
    options = [f"{field}.type=Pretrained", f"{field}.checkpoint={checkpoint}"]
    return options + ([f"{field}.prefix={prefix}"] if prefix else [])


def test(config: str, folder: Path, *options: str) -> float:
    """Test what :func:`train` left; metrics are read by :func:`test_metrics`."""
    command = ["tools/test.py", config, last_checkpoint(folder)]
    command += ["--work-dir", str(folder / "test"), *_given(options)]
    return run_once(folder, "test", *command)


def _given(options: Sequence[str]) -> list[str]:
    return ["--cfg-options", *options] if options else []


def test_metrics(folder: Path, metrics: Sequence[str]) -> dict[str, float]:
    """Metrics of a folder's test.

    Args:
        folder: given to :func:`test`.
        metrics: their names.

    Raises:
        FileNotFoundError: it was not tested.
    """
    written = sorted((folder / "test").glob("*/[0-9]*.json"))
    if not written:
        raise FileNotFoundError(f"{folder / 'test'} has no results; see test.log")
    found = json.loads(written[-1].read_text())
    return {metric: found[metric] for metric in metrics}


def summarise(name: str, runs: list[dict], metrics: Sequence[str], **more) -> dict:
    """One row of a result file: values per seed, mean, sample standard deviation.

    Args:
        name: of the setting.
        runs: per seed a value for every metric.
        metrics: their names.
        **more: further fields of the row.
    """
    row = {"name": name, **more, "mean": {}, "std": {}}
    for metric in metrics:
        values = [run[metric] for run in runs]
        row[metric] = values
        row["mean"][metric] = statistics.fmean(values)
        row["std"][metric] = statistics.stdev(values) if len(values) > 1 else 0.0
    return row


def machine() -> str:
    """This machine, as result files name it."""
    return f"{os.cpu_count()} CPU cores ({platform.machine()}), no GPU used"


def current_commit() -> str:
    """Short hash of what is checked out."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def provenance(
    seeds: Sequence[int], command: Sequence[str], steps: Sequence[Path]
) -> dict:
    """What a result file says about its making.

    Args:
        seeds: of the trainings.
        command: script and arguments.
        steps: the ``*.seconds`` files of all steps.
    """
    seconds = sum(float(file.read_text()) for file in steps)
    return {
        "seeds": list(seeds),
        "command": shlex.join(["python", *command]),
        "commit": current_commit(),
        "machine": machine(),
        "minutes": round(seconds / 60, 1),
    }


def add_arguments(parser: argparse.ArgumentParser, name: str) -> None:
    """Arguments of every experiment.

    Args:
        parser: of its command line.
        name: of its script; work directory and result file are called alike.
    """
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=1, help="seeds at a time")
    parser.add_argument("--work-dir", type=Path, default=f"work_dirs/{name}")
    parser.add_argument("--out", type=Path, default=f"results/{name}.json")


def add_pretraining_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of experiments that pre-train and fine-tune."""
    for stage in ("pretrain", "finetune"):
        parser.add_argument(
            f"--{stage}-options", nargs="+", default=[], help="key=value for all of it"
        )


def write_results(path: Path, results: dict) -> None:
    """Write one result file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replace_when_done(path) as file:
        file.write_text(json.dumps(results, indent=2) + "\n")
