"""OIM, NAE, SeqNet and DKD as heads on one frozen detector.

    python tools/experiments/person_search_methods.py --seeds 0 1 2
    python tools/experiments/person_search_methods.py --methods oim --seeds 0 \\
        --scenes 40

Per seed a detector is trained, whose trunk and proposals every method gets and leaves
as they are, so that methods differ in their heads and losses alone; and DKD's teacher,
of the same scenes, which is tested on ground-truth boxes: the ceiling. Finished
trainings and tests are not repeated, stopped ones go on. Writes
results/person_search_methods.json when everything that was asked for is there. Needs
the rendered benchmark (tools/quickstart.sh makes it).
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import result_tables as tables  # noqa: E402
import training_runs as runs  # noqa: E402

from mmpsearch.utils.command_line import one_line_errors

METRICS = ("gt_mAP", "gt_top1", "mAP", "top1", "det_ap", "det_recall")
COLUMNS = {
    "gt_mAP": "GT mAP",
    "gt_top1": "GT top-1",
    "mAP": "mAP",
    "top1": "top-1",
    "det_ap": "detection AP",
}
TEACHER = "configs/dkd/teacher-r2-tiny_r18_synthetic.py"
DETECTOR = "configs/dkd/detector-tiny_r18_synthetic.py"
CEILING = "configs/dkd/two-step_gt-r2-tiny_r18_synthetic.py"
# the paper's weight of the re-identification losses, of every method
WEIGHT = "model.reid_weight=0.1"
FROZEN = (
    "model.backbone.frozen_stages=3",
    "model.backbone.norm_eval=True",
    "optim_wrapper.paramwise_cfg.custom_keys.rpn_head.lr_mult=0",
)


@dataclass(frozen=True)
class Method:
    """A head and its losses.

    Attributes:
        title: in the table.
        config: of the training.
        options: ``key=value``.
        distilled: from the teacher of its seed.
    """

    title: str
    config: str
    options: tuple[str, ...] = ()
    distilled: bool = False


DISTILLATION = "configs/dkd/dkd-tiny_r18_synthetic.py"
EMBEDDINGS_ALONE = (
    "model.distillation.probability=0",
    "model.distillation.shifted=False",
)
OIM = "configs/person_search_baselines/oim-tiny_r18_synthetic.py"
# In the order of the table. NAE's and SeqNet's box losses have a factor of ten beside
# re-identification losses of weight 1: beside 0.1 it would be a hundred.
METHODS = {
    "oim": Method("OIM", OIM, ("model.search_head.norm=False",)),
    "oim+norm": Method("OIM + norm (batch norm behind its linear layer)", OIM),
    "nae": Method(
        "NAE (norm-aware embedding)",
        "configs/person_search_baselines/nae-tiny_r18_synthetic.py",
        ("model.search_head.box_weight=1",),
    ),
    "seqnet": Method(
        "SeqNet",
        "configs/person_search_baselines/seqnet-tiny_r18_synthetic.py",
        ("model.search_head.proposal_box_weight=1",),
    ),
    "ours-0": Method(
        "Ours-0 (DKD's student alone)", "configs/dkd/dkd-0-tiny_r18_synthetic.py"
    ),
    "ours-0+Lp": Method(
        "Ours-0 + L_p", "configs/dkd/dkd-2-tiny_r18_synthetic.py", distilled=True
    ),
    "ours-0+Lpr+Ltr": Method(
        "Ours-0 + L_pr + L_tr", DISTILLATION, EMBEDDINGS_ALONE, distilled=True
    ),
    "dkd": Method("DKD (all)", DISTILLATION, distilled=True),
}
CEILING_ROW = "teacher"
TITLES = {
    CEILING_ROW: "the teacher on ground-truth boxes [GT; R-2]",
    "spnet": "SPNet",  # of results from before detectors were frozen
    **{name: method.title for name, method in METHODS.items()},
}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument(
        "--epochs", type=int, default=8, help="of every head: 125 steps each [8]"
    )
    parser.add_argument("--detector-epochs", type=int, default=6)
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


def train_teacher(args: argparse.Namespace, seed: int) -> dict[str, float]:
    """Train DKD's teacher; what it reaches on ground-truth boxes."""
    folder = args.work_dir / f"seed{seed}" / "teacher"
    # the teacher's data set keeps all identities: its scenes are cut as the students'
    options = budget(args.teacher_epochs, seed, args.scenes, "scenes.indices")
    seconds = runs.train(TEACHER, folder, *options)
    command = [
        "tools/test_two_step.py",
        CEILING,
        "--reid",
        runs.last_checkpoint(folder),
    ]
    runs.run_once(folder, "test", *command, "--work-dir", str(folder / "test"))
    found = runs.test_metrics(folder, METRICS)
    return {**found, "minutes": round(seconds / 60, 2)}


def train_detector(args: argparse.Namespace, seed: int) -> list[str]:
    """Train the seed's detector; options that give its frozen parts to a method."""
    folder = args.work_dir / f"seed{seed}" / "detector"
    options = budget(args.detector_epochs, seed, args.scenes, "indices")
    runs.train(DETECTOR, folder, *options, _tested_after(args.detector_epochs))
    start = [*FROZEN]
    for part in ("backbone", "rpn_head"):
        field = f"model.{part}.init_cfg"
        start += [f"{field}.type=Pretrained", f"{field}.prefix={part}."]
        start.append(f"{field}.checkpoint={runs.last_checkpoint(folder)}")
    return start


def run(
    args: argparse.Namespace, name: str, seed: int, start: list[str]
) -> dict[str, float]:
    """Train a method's head with one seed; metrics, and ``minutes`` of training."""
    method, folder = METHODS[name], args.work_dir / f"seed{seed}" / name
    options = budget(args.epochs, seed, args.scenes, "indices")
    options += [_tested_after(args.epochs), WEIGHT, *start, *method.options]
    if method.distilled:
        teacher = runs.last_checkpoint(args.work_dir / f"seed{seed}" / "teacher")
        options.append(f"model.teacher_checkpoint={teacher}")
    seconds = runs.train(method.config, folder, *options)
    metrics = runs.logged_metrics(folder, METRICS)
    return {**metrics, "minutes": round(seconds / 60, 2)}


def _tested_after(epochs: int) -> str:
    return f"train_cfg.val_interval={epochs}"


def main() -> None:
    args = parse_args()
    args.work_dir = args.work_dir.resolve()
    ceilings = [train_teacher(args, seed) for seed in args.seeds]
    starts = {seed: train_detector(args, seed) for seed in args.seeds}
    pairs = [(method, seed) for method in args.methods for seed in args.seeds]
    with ThreadPoolExecutor(args.jobs) as pool:
        results = pool.map(lambda pair: run(args, *pair, starts[pair[1]]), pairs)
        found = dict(zip(pairs, results, strict=True))
    columns = (*METRICS, "minutes")
    rows = [runs.summarise(CEILING_ROW, ceilings, columns)]
    rows += [
        runs.summarise(method, [found[method, seed] for seed in args.seeds], columns)
        for method in args.methods
    ]
    seeds = (args.work_dir / f"seed{seed}" for seed in args.seeds)
    steps = runs.steps_of(*seeds)
    script = "tools/experiments/person_search_methods.py"
    results = {
        "question": "How good are the methods' heads after the same training on one "
        "frozen detector, and how near does distillation come to the teacher?",
        "rows": rows,
        "epochs": args.epochs,
        "detector_epochs": args.detector_epochs,
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
