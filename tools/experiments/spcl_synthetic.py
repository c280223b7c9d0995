"""What are initial weights worth to SpCL, which has no labels?

    python tools/experiments/up_reid_synthetic.py      # trains the initial weights
    python tools/experiments/spcl_synthetic.py --jobs 2
    python tools/experiments/draw_tables.py

Trains SpCL on rendered crops without their identities, from scratch and from weights of
every kind that is there, with several training seeds, and writes
results/spcl_synthetic.json: mAP before and after. Finished steps are not repeated, a
training that was stopped goes on.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import result_tables as tables  # noqa: E402
import training_runs as runs  # noqa: E402

from mmpsearch.utils.command_line import one_line_errors
from mmpsearch.utils.run_logs import validation_curve  # noqa: E402
from mmpsearch.utils.work_folder import named_checkpoint  # noqa: E402

CONFIG = "configs/spcl/spcl_r18_synth.py"
ADAPTATION = "configs/spcl/spcl_r18_synth-adaptation.py"
TARGET = "--layout market1501 --out data/synthetic/market1501"
SOURCE = "--layout personx --seed 1 --out data/synthetic/personx"
PREFIX = "online.backbone."
METRICS = ("mAP", "rank1")
COLUMNS = {
    "before_mAP": "mAP before",
    "mAP": "mAP after",
    "gain_mAP": "gain",
    "before_rank1": "rank-1 before",
    "rank1": "rank-1 after",
}
# row -> its name in the table
ROWS = {
    "scratch": "from scratch",
    "moco": "MoCo",
    "cc": "MoCo + consistency",
    "icc": "MoCo + intrinsic contrast",
    "up_reid": "UP-ReID (both)",
    "adaptation": "from scratch, with a labelled source",
}


def find_weights(pattern: str, row: str, seed: int) -> str:
    """The last checkpoint of a pre-training.

    Args:
        pattern: its folder, with ``{row}`` and ``{seed}``: a work directory, or what
            ``training_runs.train`` was given.
        row: of :data:`ROWS`.
        seed: of the training.

    Raises:
        FileNotFoundError: there is none.
    """
    folder = Path(pattern.format(row=row, seed=seed))
    for place in (folder / "train", folder):
        if (place / "last_checkpoint").exists():
            return str(named_checkpoint(place))
    raise FileNotFoundError(
        f"{folder} has no last_checkpoint of a pre-training; run "
        "tools/experiments/up_reid_synthetic.py, set --weights, or leave the row "
        f"{row!r} out of --rows"
    )


def run_seed(
    root: Path, seed: int, rows: list[str], weights: str, options: list[str]
) -> dict[str, dict]:
    """All trainings of one seed; metrics per row, and ``curve``: epoch -> mAP."""
    found = {}
    for row in rows:
        folder = root / f"seed{seed}" / row
        given = [f"randomness.seed={seed}", *options]
        if row not in ("scratch", "adaptation"):
            start = find_weights(weights, row, seed)
            given += runs.start_from(start, PREFIX)
        runs.train(ADAPTATION if row == "adaptation" else CONFIG, folder, *given)
        found[row] = before_and_after(folder / "train")
    return found


def before_and_after(work_dir: Path) -> dict:
    """Metrics of a training's first and last validation, and the curve of mAP."""
    found = {"curve": validation_curve(work_dir, "mAP")}
    for metric in METRICS:
        curve = list(validation_curve(work_dir, metric).values())
        found[f"before_{metric}"], found[metric] = curve[0], curve[-1]
        found[f"gain_{metric}"] = curve[-1] - curve[0]
    return found


def draw(results: dict) -> str:
    """Markdown of the result file.

    Args:
        results: what :func:`main` writes.
    """
    lines = tables.table_head("initial weights", COLUMNS)
    for row in results["rows"]:
        title = ROWS[row["name"]]
        lines += tables.table_rows(title, row, COLUMNS, results["seeds"])
    return "\n".join([*lines, "", tables.where_run(results)])


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    runs.add_arguments(parser, "spcl_synthetic")
    parser.add_argument(
        "--rows", nargs="+", choices=ROWS, default=["scratch", "moco", "up_reid"]
    )
    parser.add_argument(
        "--weights",
        default="work_dirs/up_reid_synthetic/seed{seed}/{row}/pretrain",
        help="folder of a row's pre-training",
    )
    parser.add_argument("--options", nargs="+", default=[], help="key=value")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    args = parse_args(arguments)
    root = args.work_dir.resolve()
    weights = str(Path(args.weights).resolve())
    runs.render(root, "target", TARGET)
    if "adaptation" in args.rows:
        runs.render(root, "source", SOURCE)
    with ThreadPoolExecutor(args.jobs) as pool:
        found = list(
            pool.map(
                lambda s: run_seed(root, s, args.rows, weights, args.options),
                args.seeds,
            )
        )
    steps = runs.steps_of(
        *(root / f"seed{seed}" / row for seed in args.seeds for row in args.rows)
    )
    metrics = [key for key in found[0][args.rows[0]] if key != "curve"]
    given = sys.argv[1:] if arguments is None else arguments
    result = {
        "question": "What are initial weights worth to SpCL, which has no labels?",
        "rows": [
            runs.summarise(
                row,
                [each[row] for each in found],
                metrics,
                curves=[each[row]["curve"] for each in found],
            )
            for row in args.rows
        ],
        **runs.provenance(
            args.seeds, ["tools/experiments/spcl_synthetic.py", *given], steps
        ),
    }
    runs.write_results(args.out, result)
    print(draw(result))


if __name__ == "__main__":
    with one_line_errors():
        main()
