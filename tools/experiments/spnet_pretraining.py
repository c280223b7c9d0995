"""Does query-centric pre-training help the small SPNet? Several training seeds.

    python tools/experiments/spnet_pretraining.py --jobs 2

Trains from scratch and from query-centric pre-training, as the quick start does, and
writes results/spnet_pretraining.json. Complete runs are not repeated. Needs the
rendered benchmark (tools/quickstart.sh makes it); about 15 minutes per seed and core.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mmpsearch.utils.atomic import replace_when_done

ROOT = Path(__file__).resolve().parents[2]
FINETUNE = "configs/spnet/spnet-tiny_r18_oc-finetune_synthetic.py"
PRETRAIN = "configs/spnet/spnet-tiny_r18_qc-pretrain_synthetic.py"
METRICS = ("mAP", "top1", "det_ap", "det_recall")


def train(config: str, folder: Path, seed: int, *options: str) -> None:
    """Run tools/train.py to the end, going on where it was stopped."""
    if (folder / "done").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "tools/train.py", config, "--work-dir", str(folder)]
    command += ["--resume", "--cfg-options", f"randomness.seed={seed}", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with open(folder / "log.txt", "a") as log:
        subprocess.run(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, check=True
        )
    (folder / "done").touch()


def last_metrics(folder: Path) -> dict[str, float]:
    """Metrics of the last validation, from MMEngine's scalars."""
    lines = []
    for file in sorted(folder.glob("*/vis_data/scalars.json")):
        lines += [json.loads(line) for line in file.read_text().splitlines()]
    tested = [line for line in lines if "mAP" in line]
    if not tested:
        raise FileNotFoundError(f"{folder}: no test result; see {folder}/log.txt")
    return {metric: tested[-1][metric] for metric in METRICS}


def run_seed(root: Path, seed: int) -> dict[str, dict[str, float]]:
    """All trainings of one seed; metrics per row name."""
    folder = root / f"seed{seed}"
    train(FINETUNE, folder / "scratch", seed)
    train(PRETRAIN, folder / "qc_pretrain", seed)
    checkpoint = (folder / "qc_pretrain" / "last_checkpoint").read_text().strip()
    option = f"model.pretrained.checkpoint={checkpoint}"
    train(FINETUNE, folder / "qc_finetune", seed, option)
    return {
        "spnet_scratch": last_metrics(folder / "scratch"),
        "spnet_qc_pretrained": last_metrics(folder / "qc_finetune"),
    }


def colour_histogram(root: Path) -> dict[str, float]:
    """The best colour-histogram baseline; it has no seed."""
    out = root / "colour_histogram.json"
    if not out.exists():
        command = [sys.executable, "tools/analysis_tools/colour_histogram.py", FINETUNE]
        subprocess.run([*command, "--out", str(out)], cwd=ROOT, check=True)
    best = json.loads(out.read_text())["best"]
    return {metric: best[metric] for metric in METRICS}


def summarise(name: str, runs: list[dict[str, float]]) -> dict:
    """One row: values per seed, mean and sample standard deviation."""
    row = {"name": name, "mean": {}, "std": {}}
    for metric in METRICS:
        values = [run[metric] for run in runs]
        row[metric] = values
        row["mean"][metric] = statistics.fmean(values)
        row["std"][metric] = statistics.stdev(values) if len(values) > 1 else 0.0
    return row


def machine() -> str:
    return f"{os.cpu_count()} CPU cores ({platform.machine()}), no GPU used"


def current_commit() -> str:
    """Short hash of what is checked out."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=1, help="seeds at a time")
    parser.add_argument("--work-dir", type=Path, default="work_dirs/spnet_pretraining")
    parser.add_argument("--out", type=Path, default="results/spnet_pretraining.json")
    args = parser.parse_args()
    started = time.time()
    root = args.work_dir.resolve()
    root.mkdir(parents=True, exist_ok=True)
    baseline = colour_histogram(root)
    with ThreadPoolExecutor(args.jobs) as pool:
        runs = list(pool.map(lambda seed: run_seed(root, seed), args.seeds))
    rows = [summarise("colour_histogram", [baseline])]
    for name in ("spnet_scratch", "spnet_qc_pretrained"):
        rows.append(summarise(name, [run[name] for run in runs]))
    result = {
        "question": "Does query-centric pre-training help SPNet at the same "
        "fine-tuning budget on the synthetic benchmark?",
        "rows": rows,
        "seeds": args.seeds,
        "command": "python tools/experiments/spnet_pretraining.py",
        "commit": current_commit(),
        "machine": machine(),
        "minutes": round((time.time() - started) / 60, 1),
    }
    with replace_when_done(args.out) as file:
        file.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
