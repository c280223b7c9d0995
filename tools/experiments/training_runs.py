"""What the experiments share: resumable runs, their metrics, rows over seeds."""

import argparse
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

from mmpsearch.errors import InputError, StepError
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.parent_watch import FOLLOW
from mmpsearch.utils.run_logs import logged
from mmpsearch.utils.work_folder import named_checkpoint

ROOT = Path(__file__).resolve().parents[2]
RENDER = "tools/dataset_tools/make_synthetic.py"
BETWEEN_NOTES = 5  # seconds
LAST_LINES = 4  # of a failed step's log: an error and its remedies


def run_once(folder: Path, name: str, *command: str) -> float:
    """Run a Python tool, unless ``folder/name.done`` says that it came to its end.

    The tool ends when this process is killed.

    Args:
        folder: where ``name.log`` and ``name.done`` lie; the latter holds seconds,
            command and commit.
        name: of the step.
        *command: script, relative to the repository, and its arguments.

    Returns:
        Seconds that the step took, over all calls until it came to its end.

    Raises:
        StepError: the tool failed, with the end of its log; or it was finished
            before by another command.
    """
    done = folder / f"{name}.done"
    if done.exists():
        before = json.loads(done.read_text())["command"]
        if before != list(command):
            raise StepError(
                f"{done}: was made by '{shlex.join(before)}', now asked is "
                f"'{shlex.join(command)}'; give another --work-dir, or remove "
                f"{folder} to start anew"
            )
    else:
        folder.mkdir(parents=True, exist_ok=True)
        spent, log = folder / f"{name}.seconds", folder / f"{name}.log"
        try:
            with open(log, "a") as output, time_added_to(spent):
                subprocess.run(
                    [sys.executable, *command],
                    cwd=ROOT,
                    env={
                        "OMP_NUM_THREADS": "1",
                        **os.environ,
                        FOLLOW: str(os.getpid()),
                    },
                    stdout=output,
                    stderr=output,
                    check=True,
                )
        except subprocess.CalledProcessError as error:
            end = "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
            raise StepError(
                f"{command[0]} ended with status {error.returncode}; the same command "
                f"goes on from where it stopped. The end of {log}:\n{end}"
            ) from error
        step = {
            "seconds": float(spent.read_text()),
            "command": list(command),
            "commit": current_commit(),
        }
        with replace_when_done(done) as temporary:
            temporary.write_text(json.dumps(step) + "\n")
    return json.loads(done.read_text())["seconds"]


@contextmanager
def time_added_to(file: Path) -> Iterator[None]:
    """Add the seconds inside to those in a file, also when it ends by a kill.

    Args:
        file: holds seconds; is written every :data:`BETWEEN_NOTES` seconds, which is
            what a kill can lose.
    """
    before = float(file.read_text()) if file.exists() else 0.0
    started, ended = time.monotonic(), threading.Event()

    def note() -> None:
        with replace_when_done(file) as temporary:
            temporary.write_text(f"{before + time.monotonic() - started:.1f}\n")

    def keep_noting() -> None:
        while not ended.wait(BETWEEN_NOTES):
            note()

    thread = threading.Thread(target=keep_noting, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        note()


def steps_of(*folders: Path, name: str = "*") -> list[Path]:
    """The files of finished steps in folders, at any depth.

    Args:
        *folders: where to look.
        name: of the steps.
    """
    return [file for folder in folders for file in sorted(folder.rglob(f"{name}.done"))]


def render(root: Path, name: str, options: str, **fields: object) -> None:
    """Render data, once.

    Args:
        root: work directory of the experiment.
        name: of the data, for the log.
        options: of tools/dataset_tools/make_synthetic.py.
        **fields: what stands in braces in the options; folders may have spaces.
    """
    words = [word.format(**fields) for word in options.split()]
    run_once(root, f"render_{name}", RENDER, *words)


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
    return str(named_checkpoint(folder / "train"))


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


def probe(
    folder: Path, config: str, seed: int, options: Sequence[str], *checkpoint: str
) -> dict[str, float]:
    """Frozen features of a checkpoint, or of an untrained network.

    Args:
        folder: where the step's files lie.
        config: of the pre-training.
        seed: of random weights.
        options: ``key=value`` for ``--cfg-options``.
        *checkpoint: at most one.

    Returns:
        What tools/analysis_tools/probe_features.py found.
    """
    out = folder / "probe.json"
    command = ["tools/analysis_tools/probe_features.py", config, *checkpoint]
    command += ["--seed", str(seed), "--out", str(out), *_given(options)]
    run_once(folder, "probe", *command)
    return json.loads(out.read_text())


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


def logged_metrics(folder: Path, metrics: Sequence[str]) -> dict[str, float]:
    """What a folder's training logged last, in a validation or of its batches.

    Args:
        folder: given to :func:`train`.
        metrics: their names.

    Raises:
        FileNotFoundError: no entry of its log has all of them.
    """
    entries = [e for e in logged(folder / "train") if set(metrics) <= e.keys()]
    if not entries:
        wanted = ", ".join(metrics)
        raise FileNotFoundError(f"{folder / 'train'}: nothing logged has {wanted}")
    return {metric: entries[-1][metric] for metric in metrics}


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
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU used"
    return f"{os.cpu_count()} CPU cores ({platform.machine()}), {gpu}"


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
        steps: the files of all steps, see :func:`steps_of`; the commit is theirs.
    """
    made = [json.loads(file.read_text()) for file in steps]
    seconds = sum(step["seconds"] for step in made)
    return {
        "seeds": list(seeds),
        "command": shlex.join(["python", *command]),
        "commit": ", ".join(dict.fromkeys(step["commit"] for step in made)),
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


def check_joinable(
    earlier: dict, question: str, seeds: list[int], rows: list[str]
) -> None:
    """That rows may stand in a result file beside those that are there.

    Args:
        earlier: the result file.
        question: of the rows to be added.
        seeds: of their trainings.
        rows: their names.

    Raises:
        InputError: of another question or other seeds, or a row is there already.
    """
    for key, value in (("question", question), ("seeds", seeds)):
        if earlier[key] != value:
            raise InputError(
                f"the result file has {key} {earlier[key]!r}, this run {value!r}: "
                "write it with --out to another file"
            )
    known = {row["name"] for row in earlier["rows"]} & set(rows)
    if known:
        raise InputError(
            f"the result file has {', '.join(sorted(known))} already: leave it out of "
            "--rows, or leave --add out to write the file anew"
        )


def joined(earlier: dict, results: dict) -> dict:
    """A result file of an earlier run's rows and a further one's, see check_joinable.

    Args:
        earlier: a result file.
        results: of the further run.

    Returns:
        Rows, commands and commits of both, minutes of both together.
    """
    commits = f"{earlier['commit']}, {results['commit']}".split(", ")
    return {
        **results,
        "rows": earlier["rows"] + results["rows"],
        "command": f"{earlier['command']} && {results['command']}",
        "commit": ", ".join(dict.fromkeys(commits)),
        "minutes": round(earlier["minutes"] + results["minutes"], 1),
    }
