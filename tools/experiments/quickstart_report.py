"""Put the quick start's results into one table and one file."""

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import one_line_errors

sys.path.insert(0, str(Path(__file__).parent))
import training_runs as runs  # noqa: E402

METRICS = {"mAP": "mAP", "top1": "top1", "det_ap": "det_ap", "det_recall": "det_recall"}
MODELS = {"spnet_scratch": "scratch_test", "spnet_qc_pretrained": "qc_test"}
TITLES = {
    "colour_histogram": "colour histogram, ground-truth boxes",
    "spnet_scratch": "SPNet from scratch",
    "spnet_qc_pretrained": "SPNet, query-centric pre-training",
}


def newest_metrics(folder: Path) -> dict:
    """The metrics which the runner wrote after its last test."""
    files = sorted(folder.glob("*/[0-9]*.json"), key=lambda file: file.stat().st_mtime)
    if not files:
        raise FileNotFoundError(
            f"{folder} holds no test results; delete "
            f"{folder}.seconds and run the quick start again"
        )
    return json.loads(files[-1].read_text())


def collect(folder: Path) -> dict:
    """Rows and seconds of all steps.

    Args:
        folder: of the quick start, ``work_dirs/quickstart``.

    Returns:
        ``rows`` (``name``, ``mAP``, ``top1``, ``det_ap``, ``det_recall``) and
        ``seconds`` per step; ``commit`` at which the first step was begun.
    """
    baseline = json.loads((folder / "colour_histogram.json").read_text())["best"]
    rows = [{"name": "colour_histogram", **{k: baseline[k] for k in METRICS}}]
    for name, test in MODELS.items():
        metrics = newest_metrics(folder / test)
        rows.append({"name": name, **{k: metrics[v] for k, v in METRICS.items()}})
    seconds = {
        file.stem: int(file.read_text()) for file in sorted(folder.glob("*.seconds"))
    }
    commit = (folder / "commit").read_text().strip()
    return {"rows": rows, "seconds": seconds, "commit": commit}


def published(results: dict, total_seconds: int) -> dict:
    """The results in the form of the files in ``results/``, with one seed.

    Args:
        results: of :func:`collect`.
        total_seconds: of the whole call; its steps overlap.
    """
    rows = []
    for row in results["rows"]:
        metrics = {key: value for key, value in row.items() if key != "name"}
        rows.append(runs.summarise(row["name"], [metrics], list(METRICS)))
    return {
        "question": "What does the quick start reach?",
        "rows": rows,
        "seeds": [0],
        "command": "bash tools/quickstart.sh",
        "commit": results["commit"],
        "machine": runs.machine(),
        "minutes": round(total_seconds / 60, 1),
    }


def print_table(rows: list[dict], console: Console) -> None:
    table = Table(title="People never seen in training, synthetic benchmark")
    table.add_column("method")
    for title in ("search mAP", "top-1", "detection AP", "detection recall"):
        table.add_column(title, justify="right")
    for row in rows:
        table.add_row(TITLES[row["name"]], *(f"{row[key]:.3f}" for key in METRICS))
    console.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--total-seconds", type=int, help="of this call")
    parser.add_argument("--publish", type=Path, help="also write a file for results/")
    args = parser.parse_args()
    try:
        results = collect(args.folder)
    except (OSError, KeyError, ValueError) as error:
        print(f"{args.folder}: {error}", file=sys.stderr)
        return 2
    with replace_when_done(args.folder / "results.json") as file:
        Path(file).write_text(json.dumps(results, indent=2) + "\n")
    if args.publish:
        if args.total_seconds is None:
            parser.error("--publish needs --total-seconds")
        with replace_when_done(args.publish) as file:
            Path(file).write_text(
                json.dumps(published(results, args.total_seconds), indent=2) + "\n"
            )
    console = Console()
    print_table(results["rows"], console)
    for page in sorted((args.folder / "ranked").glob("*/ranked.*")):
        console.print(str(page), soft_wrap=True, highlight=False)
    console.print(f"{args.folder / 'results.json'}", soft_wrap=True, highlight=False)
    if args.total_seconds is not None:
        console.print(f"this call took {args.total_seconds / 60:.1f} minutes")
    return 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
