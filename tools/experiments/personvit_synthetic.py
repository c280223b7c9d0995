"""Does PersonViT's pre-training help a small ViT, and do its masked patches?

    python tools/experiments/personvit_synthetic.py --jobs 2
    python tools/experiments/draw_tables.py

Renders unlabelled crops and the re-identification benchmark, pre-trains with DINO's
loss alone and with both losses, fine-tunes from scratch and from either, with several
training seeds, and writes results/personvit_synthetic.json. Finished steps are not
repeated, a training that was stopped goes on.
"""

import argparse
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import training_runs as runs  # noqa: E402

PRETRAIN = "configs/personvit/personvit_vit-tiny_pretrain_synthetic.py"
FINETUNE = "configs/personvit/personvit_vit-tiny_finetune_synthetic.py"
RENDER = "tools/dataset_tools/make_synthetic.py"
CROPS = (
    "--layout luperson --size 32x64 --identities 1000 --crops-per-identity 4 "
    "--out data/synthetic/luperson"
)
BENCHMARK = "--layout market1501 --out data/synthetic/market1501"
METRICS = {"mAP": "mAP", "rank1": "rank-1", "mINP": "mINP"}
DINO = ("model.patch_weight=0",)
# row -> its name in the table, and options of its pre-training (None: it has none)
ROWS: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "scratch": ("from scratch", None),
    "dino": ("DINO (without masked patches in the loss)", DINO),
    "personvit": ("PersonViT (DINO and masked patches)", ()),
}


def run_seed(
    root: Path, seed: int, pretrain: list[str], finetune: list[str]
) -> dict[str, dict[str, float]]:
    """All trainings of one seed; metrics per row."""
    found = {}
    for row, (_, settings) in ROWS.items():
        folder = root / f"seed{seed}" / row
        options = [f"randomness.seed={seed}", *finetune]
        if settings is not None:
            source = folder / "pretrain"
            given = [f"randomness.seed={seed}", *settings, *pretrain]
            runs.train(PRETRAIN, source, *given)
            options += [
                "model.backbone.init_cfg.type=Pretrained",
                "model.backbone.init_cfg.prefix=teacher.backbone.",
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
    for name, (title, _) in ROWS.items():
        row = rows[name]
        cells = (f"{row['mean'][m]:.3f} ± {row['std'][m]:.3f}" for m in METRICS)
        lines.append(f"| {title} | {' | '.join(cells)} |")
        values = (", ".join(f"{value:.3f}" for value in row[m]) for m in METRICS)
        lines.append(f"| seeds {_list(results['seeds'])} | {' | '.join(values)} |")
    for name, base in (("dino", "scratch"), ("personvit", "dino")):
        gains = (rows[name]["mean"][m] - rows[base]["mean"][m] for m in METRICS)
        cells = " | ".join(f"{gain:+.3f}" for gain in gains)
        lines.append(f"| {name} - {base} | {cells} |")
    lines += [
        "",
        f"Fractions; mean ± standard deviation over seeds. `{results['command']}` at "
        f"commit `{results['commit']}`; {results['minutes']:.0f} minutes, summed over "
        f"the trainings, on {results['machine']}.",
    ]
    return "\n".join(lines)


def _list(values: list) -> str:
    return ", ".join(map(str, values))


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=1, help="seeds at a time")
    parser.add_argument("--work-dir", type=Path, default="work_dirs/personvit_synth")
    parser.add_argument("--out", type=Path, default="results/personvit_synthetic.json")
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
        "question": "At one fine-tuning budget, does pre-training on unlabelled "
        "rendered crops help a small ViT, and do masked patches help it more than "
        "DINO alone?",
        "rows": [runs.summarise(r, [each[r] for each in found], METRICS) for r in ROWS],
        "seeds": args.seeds,
        "command": shlex.join(
            ["python", "tools/experiments/personvit_synthetic.py", *given]
        ),
        "commit": runs.current_commit(),
        "machine": runs.machine(),
        "minutes": round(sum(float(file.read_text()) for file in steps) / 60, 1),
    }
    runs.write_results(args.out, result)
    print(draw(result))


if __name__ == "__main__":
    main()
