"""SPNet, OIM, NAE, SeqNet and DKD from scratch at one training budget.

    python tools/experiments/person_search_methods.py --seeds 0 1 2
    python tools/experiments/person_search_methods.py --epochs 1 --methods oim \\
        --seeds 0 --scenes 40

All small models see the same rendered scenes with the same augmentation, batch size
and schedule; DKD's teacher is trained on the same scenes before
(``--teacher-epochs``), which the other methods have not. Finished trainings and tests
are not repeated, stopped ones go on. Writes results/person_search_methods.json when
everything that was asked for is there. Needs the rendered benchmark
(tools/quickstart.sh makes it).
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import result_tables as tables  # noqa: E402
import training_runs as runs  # noqa: E402

from mmpsearch.utils.command_line import one_line_errors

METRICS = ("mAP", "top1", "gt_mAP", "gt_top1", "det_ap", "det_recall")
COLUMNS = {
    "mAP": "mAP",
    "top1": "top-1",
    "gt_mAP": "GT mAP",
    "det_ap": "detection AP",
}
TITLES = {
    "spnet": "SPNet",
    "oim": "OIM",
    "nae": "NAE",
    "seqnet": "SeqNet",
    "ours-0": "Ours-0 (DKD's student alone)",
    "ours-0+Lp": "Ours-0 + L_p",
    "dkd": "DKD",
}
TEACHER = "configs/dkd/teacher-r2-tiny_r18_synthetic.py"
# in the order of the table: name -> config
METHODS = {
    "spnet": "configs/spnet/spnet-tiny_r18_oc-finetune_synthetic.py",
    "oim": "configs/person_search_baselines/oim-tiny_r18_synthetic.py",
    "nae": "configs/person_search_baselines/nae-tiny_r18_synthetic.py",
    "seqnet": "configs/person_search_baselines/seqnet-tiny_r18_synthetic.py",
    "ours-0": "configs/dkd/dkd-0-tiny_r18_synthetic.py",
    "ours-0+Lp": "configs/dkd/dkd-2-tiny_r18_synthetic.py",
    "dkd": "configs/dkd/dkd-tiny_r18_synthetic.py",
}
DISTILLED = ("ours-0+Lp", "dkd")


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--epochs", type=int, default=6, help="of every method")
    parser.add_argument("--teacher-epochs", type=int, default=20)
    parser.add_argument("--scenes", type=int, help="train on the first ones only")
    parser.add_argument("--jobs", type=int, default=1, help="trainings at a time")
    parser.add_argument("--work-dir", type=Path, default="work_dirs/methods")
    parser.add_argument(
        "--out", type=Path, default="results/person_search_methods.json"
    )
    return parser.parse_args()


def budget(epochs: int, seed: int, scenes: int | None, dataset: str) -> list[str]:
    """Options that are the same for every training of one kind."""
    options = [f"train_cfg.max_epochs={epochs}", f"randomness.seed={seed}"]
    if scenes:
        options.append(f"train_dataloader.dataset.{dataset}={scenes}")
    return options


def train_teacher(args: argparse.Namespace, seed: int) -> str:
    """Its checkpoint."""
    folder = args.work_dir / f"seed{seed}" / "teacher"
    # the teacher's data set keeps all identities: its scenes are cut as the students'
    options = budget(args.teacher_epochs, seed, args.scenes, "scenes.indices")
    runs.train(TEACHER, folder, *options)
    return runs.last_checkpoint(folder)


def run(args: argparse.Namespace, method: str, seed: int) -> dict[str, float]:
    """Train and test one method with one seed; metrics, and ``minutes`` of training."""
    folder = args.work_dir / f"seed{seed}" / method
    options = budget(args.epochs, seed, args.scenes, "indices")
    options.append(f"train_cfg.val_begin={args.epochs + 1}")  # tested once, after
    if method in DISTILLED:
        options.append(f"model.teacher_checkpoint={train_teacher(args, seed)}")
    seconds = runs.train(METHODS[method], folder, *options)
    runs.test(METHODS[method], folder)
    metrics = runs.test_metrics(folder, METRICS)
    return {**metrics, "minutes": round(seconds / 60, 2)}


def main() -> None:
    args = parse_args()
    args.work_dir = args.work_dir.resolve()
    if set(args.methods) & set(DISTILLED):
        for seed in args.seeds:  # first: several students wait for one teacher
            train_teacher(args, seed)
    pairs = [(method, seed) for method in args.methods for seed in args.seeds]
    with ThreadPoolExecutor(args.jobs) as pool:
        found = dict(
            zip(pairs, pool.map(lambda pair: run(args, *pair), pairs), strict=True)
        )
    rows = [
        runs.summarise(
            method, [found[method, seed] for seed in args.seeds], (*METRICS, "minutes")
        )
        for method in args.methods
    ]
    seeds = (args.work_dir / f"seed{seed}" for seed in args.seeds)
    steps = runs.steps_of(*seeds, name="train")
    script = "tools/experiments/person_search_methods.py"
    results = {
        "question": "How good are the methods after the same training from scratch "
        "on the rendered benchmark?",
        "rows": rows,
        "epochs": args.epochs,
        "teacher_epochs": args.teacher_epochs,
        "scenes": args.scenes,
        **runs.provenance(args.seeds, [script, *sys.argv[1:]], steps),
    }
    runs.write_results(args.out, results)
    print(draw(results))


def draw(results: dict) -> str:
    """Markdown of the result file.

    Args:
        results: what :func:`main` writes.
    """
    lines = tables.table_head("method", COLUMNS)
    for row in results["rows"]:
        title = TITLES[row["name"]]
        lines += tables.table_rows(title, row, COLUMNS, results["seeds"])
    measured = f"; {results['epochs']} epochs of every method"
    return "\n".join([*lines, "", tables.where_run(results, measured)])


if __name__ == "__main__":
    with one_line_errors():
        main()
