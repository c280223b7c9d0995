"""What is MMGL's pre-training worth to a small AGW, and what does it learn from?

    python tools/experiments/mmgl_synthetic.py --jobs 2
    python tools/experiments/draw_tables.py

Renders people in SYSU-MM01's layout, pre-trains without labels on 113 of them with a
shuffle for every pair and with one for a whole batch, and with labels on RGB pictures
of other people (the analogue of ImageNet); probes the frozen backbones, fine-tunes AGW
from each and from scratch, with several training seeds, and writes
results/mmgl_synthetic.json. Finished steps are not repeated, a training that was
stopped goes on.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import result_tables as tables  # noqa: E402
import training_runs as runs  # noqa: E402

from mmpsearch.utils.command_line import one_line_errors

PRETRAIN = "configs/mmgl/mmgl_r18-tiny_pretrain_synthetic.py"
SUPERVISED = "configs/mmgl/supervised_r18-tiny_pretrain_synthetic.py"
FINETUNE = "configs/mmgl/agw_r18-tiny_synthetic.py"
RENDERED = {
    "people": "--layout sysu_mm01 --seed {seed} --out {data}/sysu_mm01",
    "other_people": "--layout market1501 --seed {other} --out {data}/other_people",
}
SEARCH = "all_single_python"  # all-search, single-shot, the Python protocol's galleries
FROZEN = {"frozen_mAP": "frozen mAP", "frozen_rank1": "rank-1"}
TUNED = {"mAP": "mAP", "rank1": "rank-1", "mINP": "mINP"}
# of MMGL's pre-trainings alone
STRIPES = {
    "paired_share": "nearest stripe in the paired picture (chance 0.021)",
    "permutation_stripe": "stripes put back where they were (chance 0.167)",
    "permutation_whole": "pictures without any mistake (chance 0.001)",
}


@dataclass(frozen=True)
class Row:
    """One way to start the fine-tuning.

    Attributes:
        title: in the table.
        config: of the pre-training; None: from scratch.
        options: of the pre-training, ``key=value``.
    """

    title: str
    config: str | None = None
    options: tuple[str, ...] = ()


ROWS = {
    "scratch": Row("from scratch"),
    "mmgl": Row("MMGL", PRETRAIN),
    "mmgl_batch_shuffle": Row(
        "MMGL, one shuffle a batch",
        PRETRAIN,
        ("model.data_preprocessor.shuffle=batch",),
    ),
    "supervised_rgb": Row("supervised on RGB pictures of others", SUPERVISED),
}


def searched(data: Path) -> list[str]:
    """Where the pre-training's loaders find people, ``key=value``."""
    fields = (
        "train_dataloader.dataset",
        "val_dataloader.dataset.dataset",
        "val_cfg.also.dataloader.dataset",
        "test_dataloader.dataset",
    )
    return [f"{field}.data_root={data}/sysu_mm01" for field in fields]


def frozen(found: dict[str, float]) -> dict[str, float]:
    """The probe's cross-modality results."""
    return {name: found[f"{SEARCH}/{name}"] for name in FROZEN}


def pretrain(
    row: Row, folder: Path, data: Path, seed: int, options: Sequence[str]
) -> tuple[dict[str, float], list[str]]:
    """Pre-train as a row says.

    Args:
        row: of :data:`ROWS`.
        folder: of the pre-training.
        data: folder of what is rendered.
        seed: of the training.
        options: further ones of MMGL's pre-trainings.

    Returns:
        What the frozen backbone knows, :data:`FROZEN` and :data:`STRIPES`, and options
        with which a backbone starts from it.
    """
    seeded, start = f"randomness.seed={seed}", []
    if row.config == PRETRAIN:
        given = [seeded, *row.options, *searched(data), *options]
        runs.train(PRETRAIN, folder, *given)
        probed = runs.logged_metrics(folder, [f"{SEARCH}/{name}" for name in FROZEN])
        share, *accuracies = STRIPES
        stripes = runs.logged_metrics(folder, [share])
        stripes |= runs.logged_metrics(folder, accuracies)
        return {**frozen(probed), **stripes}, _start(folder)
    if row.config is not None:
        others = [
            f"{part}_dataloader.dataset.data_root={data}/other_people"
            for part in ("train", "val", "test")
        ]
        runs.train(row.config, folder, seeded, *row.options, *others)
        start = _start(folder)
    found = runs.probe(folder, PRETRAIN, seed, [*start, *searched(data)])
    return frozen(found), start


def _start(folder: Path) -> list[str]:
    return [f"model.backbone.init_cfg.checkpoint={runs.last_checkpoint(folder)}"]


def run_seed(
    root: Path,
    data: Path,
    seed: int,
    rows: Sequence[str],
    options: Sequence[str],
    finetune: Sequence[str],
) -> dict[str, dict[str, float]]:
    """All trainings of one seed; metrics per row.

    Args:
        root: work directory.
        data: folder of what is rendered.
        seed: of every training.
        rows: their names.
        options: further ones of MMGL's pre-trainings.
        finetune: further ones of the fine-tunings.
    """
    found = {}
    for name in rows:
        folder = root / f"seed{seed}" / name
        found[name], start = pretrain(
            ROWS[name], folder / "pretrain", data, seed, options
        )
        people = [
            f"{part}_dataloader.dataset.data_root={data}/sysu_mm01"
            for part in ("train", "val", "test")
        ]
        given = [f"randomness.seed={seed}", *start, *people, *finetune]
        runs.train(FINETUNE, folder / "finetune", *given)  # tested at its end
        names = [f"{SEARCH}/{metric}" for metric in TUNED]
        scores = runs.logged_metrics(folder / "finetune", names)
        found[name] |= dict(zip(TUNED, scores.values(), strict=True))
    return found


def paired_differences(row: dict, base: dict, metrics: Sequence[str]) -> list[str]:
    """Cells with the mean over seeds of a row's difference to another, and its spread.

    Args:
        row: of the result file.
        base: what it is compared with, with the same seeds.
        metrics: keys of the columns.
    """
    cells = []
    for metric in metrics:
        values = [a - b for a, b in zip(row[metric], base[metric], strict=True)]
        spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
        cells.append(f"{statistics.fmean(values):+.3f}{spread}")
    return cells


def draw(results: dict) -> str:
    """Markdown of the result file.

    Args:
        results: what :func:`main` writes.
    """
    rows = {row["name"]: row for row in results["rows"] if row["name"] in ROWS}
    known = next(iter(rows.values()))
    # results of before features were probed have fewer columns
    columns = {k: v for k, v in {**FROZEN, **TUNED}.items() if k in known}
    lines = tables.table_head("IR to RGB", columns)
    for name, row in rows.items():
        lines += tables.table_rows(ROWS[name].title, row, columns, results["seeds"])
    for name in ROWS:
        if name in rows and name != "scratch" and "scratch" in rows:
            cells = paired_differences(rows[name], rows["scratch"], list(columns))
            title = f"{ROWS[name].title}, less from scratch"
            lines.append(f"| {title} | {' | '.join(cells)} |")
    striped = {n: row for n, row in rows.items() if "paired_share" in row}
    if striped:
        lines += _stripes(striped)
    measured = "; mean of ten galleries, all-search, single-shot"
    return "\n".join([*lines, "", tables.where_run(results, measured)])


def _stripes(rows: dict[str, dict]) -> list[str]:
    titles = " | ".join(ROWS[name].title for name in rows)
    lines = ["", f"| stripes | {titles} |", "|---|" + "---:|" * len(rows)]
    for metric, title in STRIPES.items():
        cells = (f"{row['mean'][metric]:.3f}" for row in rows.values())
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return lines


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    runs.add_arguments(parser, "mmgl_synthetic")
    runs.add_pretraining_arguments(parser)
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS))
    parser.add_argument("--render-seed", type=int, default=0, help="of the people")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    args = parse_args(arguments)
    root = args.work_dir.resolve()
    data = root / "data"
    for name, options in RENDERED.items():
        seeds = dict(seed=args.render_seed, other=args.render_seed + 1000)
        runs.render(root, name, options, data=data, **seeds)
    given = args.rows, args.pretrain_options, args.finetune_options
    with ThreadPoolExecutor(args.jobs) as pool:
        found = list(pool.map(lambda s: run_seed(root, data, s, *given), args.seeds))
    steps = runs.steps_of(
        *(root / f"seed{seed}" / name for seed in args.seeds for name in args.rows)
    )
    script = "tools/experiments/mmgl_synthetic.py"
    words = sys.argv[1:] if arguments is None else arguments
    result = {
        "question": "Does a small AGW search better after MMGL's pre-training, with a "
        "shuffle for every pair or for a whole batch, or after supervised "
        "pre-training on RGB pictures, than from scratch, at one fine-tuning budget?",
        "rows": [
            runs.summarise(name, [each[name] for each in found], list(found[0][name]))
            for name in args.rows
        ],
        **runs.provenance(args.seeds, [script, *words], steps),
    }
    runs.write_results(args.out, result)
    print(draw(result))


if __name__ == "__main__":
    with one_line_errors():
        main()
