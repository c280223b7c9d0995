"""Does MMGL's pre-training recover permutations, and does it help a small AGW?

    python tools/experiments/mmgl_synthetic.py --jobs 2
    python tools/experiments/draw_tables.py

Renders people in SYSU-MM01's layout, pre-trains without labels on 113 of them, measures
the permutation accuracy on 37 others, fine-tunes AGW from scratch and from the
pre-training, with several training seeds, and writes results/mmgl_synthetic.json.
Finished steps are not repeated, a training that was stopped goes on.
"""

import argparse
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import training_runs as runs  # noqa: E402

PRETRAIN = "configs/mmgl/mmgl_r18-tiny_pretrain_synthetic.py"
FINETUNE = "configs/mmgl/agw_r18-tiny_synthetic.py"
RENDER = "tools/dataset_tools/make_synthetic.py"
PEOPLE = "--layout sysu_mm01 --out data/synthetic/sysu_mm01"
SEARCH = "all_single_python"  # all-search, single-shot, the Python protocol's galleries
METRICS = {"rank1": "rank-1", "mAP": "mAP", "mINP": "mINP"}
ACCURACIES = {
    "permutation_stripe": "stripes put back where they were (chance 0.167)",
    "permutation_whole": "pictures without any mistake (chance 0.001)",
}
ROWS = {"scratch": "AGW-small from scratch", "mmgl": "AGW-small from MMGL"}


def run_seed(
    root: Path, seed: int, pretrain: list[str], finetune: list[str]
) -> dict[str, dict[str, float]]:
    """All trainings of one seed; metrics per row, and the ``pretraining``'s."""
    folder, seeded = root / f"seed{seed}", f"randomness.seed={seed}"
    source = folder / "pretrain"
    runs.train(PRETRAIN, source, seeded, *pretrain)
    runs.test(PRETRAIN, source, seeded, *pretrain)
    found = {"pretraining": runs.test_metrics(source, list(ACCURACIES))}
    for row in ROWS:
        options = [seeded, *finetune]
        if row == "mmgl":
            start = runs.last_checkpoint(source)
            options.append(f"model.backbone.init_cfg.checkpoint={start}")
        runs.train(FINETUNE, folder / row, *options)
        runs.test(FINETUNE, folder / row, *options)
        names = [f"{SEARCH}/{metric}" for metric in METRICS]
        scores = runs.test_metrics(folder / row, names)
        found[row] = dict(zip(METRICS, scores.values(), strict=True))
    return found


def draw(results: dict) -> str:
    """Markdown of the result file.

    Args:
        results: what :func:`main` writes.
    """
    rows = {row["name"]: row for row in results["rows"]}
    lines = [
        "| IR to RGB | " + " | ".join(METRICS.values()) + " |",
        "|---|" + "---:|" * len(METRICS),
    ]
    seeds = ", ".join(map(str, results["seeds"]))
    for name, title in ROWS.items():
        row = rows[name]
        cells = (f"{row['mean'][m]:.3f} ± {row['std'][m]:.3f}" for m in METRICS)
        lines.append(f"| {title} | {' | '.join(cells)} |")
        values = (", ".join(f"{value:.3f}" for value in row[m]) for m in METRICS)
        lines.append(f"| seeds {seeds} | {' | '.join(values)} |")
    gains = (rows["mmgl"]["mean"][m] - rows["scratch"]["mean"][m] for m in METRICS)
    lines.append(f"| difference | {' | '.join(f'{gain:+.3f}' for gain in gains)} |")
    row = rows["pretraining"]
    lines += ["", "| permutations of held-out people | accuracy | seeds |"]
    lines.append("|---|---:|---|")
    for metric, title in ACCURACIES.items():
        values = ", ".join(f"{value:.3f}" for value in row[metric])
        cell = f"{row['mean'][metric]:.3f} ± {row['std'][metric]:.3f}"
        lines.append(f"| {title} | {cell} | {values} |")
    lines += [
        "",
        "Fractions; mean ± standard deviation over seeds; mean of ten galleries, "
        "all-search, single-shot. "
        f"`{results['command']}` at commit `{results['commit']}`; "
        f"{results['minutes']:.0f} minutes, summed over the trainings, on "
        f"{results['machine']}.",
    ]
    return "\n".join(lines)


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=1, help="seeds at a time")
    parser.add_argument("--work-dir", type=Path, default="work_dirs/mmgl_synthetic")
    parser.add_argument("--out", type=Path, default="results/mmgl_synthetic.json")
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
    runs.run_once(root, "render", RENDER, *PEOPLE.split())
    options = args.pretrain_options, args.finetune_options
    with ThreadPoolExecutor(args.jobs) as pool:
        found = list(pool.map(lambda s: run_seed(root, s, *options), args.seeds))
    rows = {"pretraining": ACCURACIES, **dict.fromkeys(ROWS, METRICS)}
    steps = [
        f for seed in args.seeds for f in (root / f"seed{seed}").rglob("*.seconds")
    ]
    given = sys.argv[1:] if arguments is None else arguments
    result = {
        "question": "Does MMGL's pre-training recover the permutations of people it "
        "never saw, and does a small AGW that starts from it search better than one "
        "from scratch, at one fine-tuning budget?",
        "rows": [
            runs.summarise(row, [each[row] for each in found], list(metrics))
            for row, metrics in rows.items()
        ],
        "seeds": args.seeds,
        "command": shlex.join(
            ["python", "tools/experiments/mmgl_synthetic.py", *given]
        ),
        "commit": runs.current_commit(),
        "machine": runs.machine(),
        "minutes": round(sum(float(file.read_text()) for file in steps) / 60, 1),
    }
    runs.write_results(args.out, result)
    print(draw(result))


if __name__ == "__main__":
    main()
