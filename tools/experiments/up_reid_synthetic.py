"""Do UP-ReID's two constraints help a small ResNet more than MoCo v2 does?

    python tools/experiments/up_reid_synthetic.py --jobs 2
    python tools/experiments/draw_tables.py

Renders unlabelled crops and the re-identification benchmark, pre-trains with MoCo v2,
with either constraint and with both for equally many epochs, fine-tunes all alike and
from scratch, with several training seeds, and writes results/up_reid_synthetic.json.
Finished steps are not repeated, a training that was stopped goes on.
"""

import argparse
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import training_runs as runs  # noqa: E402

MOCO = "configs/up_reid/moco_r18_pretrain_synthetic.py"
UP_REID = "configs/up_reid/up-reid_r18_pretrain_synthetic.py"
FINETUNE = "configs/up_reid/bot_r18_finetune_synthetic.py"
RENDER = "tools/dataset_tools/make_synthetic.py"
CROPS = (
    "--layout luperson --size 32x64 --identities 1000 --crops-per-identity 4 "
    "--out data/synthetic/luperson"
)
BENCHMARK = "--layout market1501 --out data/synthetic/market1501"
METRICS = {"mAP": "mAP", "rank1": "rank-1", "mINP": "mINP"}
# row -> its name in the table, config of its pre-training and options of that
ROWS: dict[str, tuple[str, str | None, tuple[str, ...]]] = {
    "scratch": ("from scratch", None, ()),
    "moco": ("MoCo v2", MOCO, ()),
    "cc": ("MoCo v2 + CC", UP_REID, ("model.grid=None",)),
    "icc": ("MoCo v2 + ICC", UP_REID, ("model.consistency_weight=0",)),
    "up_reid": ("UP-ReID (both)", UP_REID, ()),
}
DIFFERENCES = (
    ("moco", "scratch"),
    ("cc", "moco"),
    ("icc", "moco"),
    ("up_reid", "moco"),
)


def run_seed(
    root: Path, seed: int, pretrain: list[str], finetune: list[str]
) -> dict[str, dict[str, float]]:
    """All trainings of one seed; metrics per row."""
    found = {}
    for row, (_, config, settings) in ROWS.items():
        folder = root / f"seed{seed}" / row
        options = [f"randomness.seed={seed}", *finetune]
        if config is not None:
            source = folder / "pretrain"
            given = [f"randomness.seed={seed}", *settings, *pretrain]
            runs.train(config, source, *given)
            options += [
                "model.backbone.init_cfg.type=Pretrained",
                "model.backbone.init_cfg.prefix=online.backbone.",
                f"model.backbone.init_cfg.checkpoint={runs.last_checkpoint(source)}",
            ]
        runs.train(FINETUNE, folder, *options)
        runs.test(FINETUNE, folder, *options)
        found[row] = runs.test_metrics(folder, list(METRICS))
    return found


def draw(results: dict) -> str:
    """Markdown of the result file.

    Args:
        results: what :func:`main` writes.
    """
    rows = {row["name"]: row for row in results["rows"]}
    lines = [
        "| | " + " | ".join(METRICS.values()) + " |",
        "|---|" + "---:|" * len(METRICS),
    ]
    for name, (title, _, _) in ROWS.items():
        row = rows[name]
        cells = (f"{row['mean'][m]:.3f} ± {row['std'][m]:.3f}" for m in METRICS)
        lines.append(f"| {title} | {' | '.join(cells)} |")
        values = (", ".join(f"{value:.3f}" for value in row[m]) for m in METRICS)
        seeds = ", ".join(map(str, results["seeds"]))
        lines.append(f"| seeds {seeds} | {' | '.join(values)} |")
    for name, base in DIFFERENCES:
        gains = (rows[name]["mean"][m] - rows[base]["mean"][m] for m in METRICS)
        cells = " | ".join(f"{gain:+.3f}" for gain in gains)
        lines.append(f"| {ROWS[name][0]}, against {ROWS[base][0]} | {cells} |")
    lines += [
        "",
        f"Fractions; mean ± standard deviation over seeds. `{results['command']}` at "
        f"commit `{results['commit']}`; {results['minutes']:.0f} minutes, summed over "
        f"the trainings, on {results['machine']}.",
    ]
    return "\n".join(lines)


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=1, help="seeds at a time")
    parser.add_argument("--work-dir", type=Path, default="work_dirs/up_reid_synth")
    parser.add_argument("--out", type=Path, default="results/up_reid_synthetic.json")
    parser.add_argument(
        "--pretrain-options", nargs="+", default=[], help="key=value of pre-training"
    )
    parser.add_argument(
        "--finetune-options", nargs="+", default=[], help="key=value of fine-tuning"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    args = parse_args(arguments)
    root = args.work_dir.resolve()
    for name, options in (("crops", CROPS), ("benchmark", BENCHMARK)):
        runs.run_once(root, f"render_{name}", RENDER, *options.split())
    options = args.pretrain_options, args.finetune_options
    with ThreadPoolExecutor(args.jobs) as pool:
        found = list(pool.map(lambda s: run_seed(root, s, *options), args.seeds))
    steps = [
        file
        for seed in args.seeds
        for row in ROWS
        for file in (root / f"seed{seed}" / row).rglob("*.seconds")
    ]
    given = sys.argv[1:] if arguments is None else arguments
    result = {
        "question": "At one budget of epochs and one fine-tuning, do the consistency "
        "constraint (CC), the intrinsic contrastive constraint (ICC) and both help "
        "more than MoCo v2 alone?",
        "rows": [runs.summarise(r, [each[r] for each in found], METRICS) for r in ROWS],
        "seeds": args.seeds,
        "command": shlex.join(
            ["python", "tools/experiments/up_reid_synthetic.py", *given]
        ),
        "commit": runs.current_commit(),
        "machine": runs.machine(),
        "minutes": round(sum(float(file.read_text()) for file in steps) / 60, 1),
    }
    runs.write_results(args.out, result)
    print(draw(result))


if __name__ == "__main__":
    main()
