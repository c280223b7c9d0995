"""Does MMGL's pre-training recover permutations, and does it help a small AGW?

    python tools/experiments/mmgl_synthetic.py --jobs 2
    python tools/experiments/draw_tables.py

Renders people in SYSU-MM01's layout, pre-trains without labels on 113 of them, measures
the permutation accuracy on 37 others, fine-tunes AGW from scratch and from the
pre-training, with several training seeds, and writes results/mmgl_synthetic.json.
Finished steps are not repeated, a training that was stopped goes on.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import result_tables as tables  # noqa: E402
import training_runs as runs  # noqa: E402

from mmpsearch.utils.command_line import one_line_errors

PRETRAIN = "configs/mmgl/mmgl_r18-tiny_pretrain_synthetic.py"
FINETUNE = "configs/mmgl/agw_r18-tiny_synthetic.py"
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
    lines = tables.table_head("IR to RGB", METRICS)
    for name, title in ROWS.items():
        lines += tables.table_rows(title, rows[name], METRICS, results["seeds"])
    ends = rows["mmgl"], rows["scratch"]
    lines.append(tables.difference_row("difference", *ends, METRICS))
    row = rows["pretraining"]
    lines += ["", "| permutations of held-out people | accuracy | seeds |"]
    lines.append("|---|---:|---|")
    for metric, title in ACCURACIES.items():
        values = ", ".join(f"{value:.3f}" for value in row[metric])
        cell = f"{row['mean'][metric]:.3f} ± {row['std'][metric]:.3f}"
        lines.append(f"| {title} | {cell} | {values} |")
    measured = "; mean of ten galleries, all-search, single-shot"
    return "\n".join([*lines, "", tables.where_run(results, measured)])


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    runs.add_arguments(parser, "mmgl_synthetic")
    runs.add_pretraining_arguments(parser)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    args = parse_args(arguments)
    root = args.work_dir.resolve()
    runs.render(root, "people", PEOPLE)
    options = args.pretrain_options, args.finetune_options
    with ThreadPoolExecutor(args.jobs) as pool:
        found = list(pool.map(lambda s: run_seed(root, s, *options), args.seeds))
    rows = {"pretraining": ACCURACIES, **dict.fromkeys(ROWS, METRICS)}
    steps = runs.steps_of(*(root / f"seed{seed}" for seed in args.seeds))
    given = sys.argv[1:] if arguments is None else arguments
    result = {
        "question": "Does MMGL's pre-training recover the permutations of people it "
        "never saw, and does a small AGW that starts from it search better than one "
        "from scratch, at one fine-tuning budget?",
        "rows": [
            runs.summarise(row, [each[row] for each in found], list(metrics))
            for row, metrics in rows.items()
        ],
        **runs.provenance(
            args.seeds, ["tools/experiments/mmgl_synthetic.py", *given], steps
        ),
    }
    runs.write_results(args.out, result)
    print(draw(result))


if __name__ == "__main__":
    with one_line_errors():
        main()
