"""The SPNet paper's claims in miniature, on the rendered benchmark.

    python tools/experiments/spnet_claims.py --jobs 2
    python tools/experiments/draw_tables.py

Six questions, each answered by rows of three training seeds and written to
``results/spnet_QUESTION.json``:

* ``pretraining``: query-centric, object-centric or no pre-training (Table 5).
* ``few_labels``: the same with a tenth of the labelled pictures, as many steps.
* ``long_finetuning``: the same with four times as many fine-tuning steps.
* ``missing_labels``: the same with one label left per picture (Figure 6).
* ``logits``: FixedNorm and BatchNorm logits of both signs (Table 9).
* ``finetuning``: query-centric and object-centric fine-tuning (Table 8).

A training is used by every question that needs it and is not repeated when it is
complete. Budgets are short: fine-tuning has three epochs of a thousand pictures, or as
many steps of a hundred, or twelve epochs.
``--recipe gpu --jobs 3 --questions pretraining`` takes a ResNet-18 of full width and
three times the epochs, for one GPU and about 20 minutes. ``--render-seed 23`` asks of
other people in other scenes, which are rendered first.
"""

import argparse
import itertools
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import training_runs as runs  # noqa: E402

from mmpsearch.utils.command_line import one_line_errors

METRICS = {
    "mAP": "mAP",
    "top1": "top-1",
    "gt_mAP": "GT mAP",
    "det_ap": "AP@0.5",
    "det_recall": "recall",
}
# A query-centric test detects the query alone: its AP is of another task.
SEARCH_METRICS = {"mAP": "mAP", "top1": "top-1"}


@dataclass(frozen=True)
class Question:
    """One result file.

    Attributes:
        text: the question.
        rows: name of a setting -> its name in the table.
        metrics: name of a metric -> its column.
    """

    text: str
    rows: dict[str, str]
    metrics: dict[str, str] = field(default_factory=METRICS.copy)

    @property
    def titles(self) -> dict[str, str]:
        """Name of a row in the result file -> its name in the table."""
        return {row_name(name): title for name, title in self.rows.items()}


def row_name(setting: str) -> str:
    """A setting's in a result file: all questions' are alike, whatever the budget."""
    return setting.removesuffix("_10").removesuffix("_long")


@dataclass(frozen=True)
class Setting:
    """One training: a config, its options, the pre-training that it starts from.

    Attributes:
        stage: ``oc-finetune``, ``qc-finetune``, ``qc-pretrain`` or ``oc-pretrain``;
            part of the config's name.
        options: ``--cfg-options``.
        start: name of the setting whose last checkpoint is loaded.
        longer: how many times the recipe's epochs.
    """

    stage: str
    options: tuple[str, ...] = ()
    start: str | None = None
    longer: int = 1


@dataclass(frozen=True)
class Recipe:
    """Size and budgets of the trainings.

    Attributes:
        pretrain_epochs: of every pre-training.
        finetune_epochs: of every object-centric fine-tuning.
        query_centric_epochs: of every query-centric fine-tuning, which sees every
            picture twice in an epoch.
        options: of every training and test.
    """

    pretrain_epochs: int
    finetune_epochs: int
    query_centric_epochs: int
    options: tuple[str, ...] = ()


# A ResNet-18 of full width, for the GPU
WIDE = (
    "model.backbone.stem_channels=64",
    "model.backbone.base_channels=64",
    "model.neck.in_channels=[64,128,256,512]",
    "model.box_embedder.stage_channels=64",
    "train_dataloader.num_workers=4",
)
CONFIG = "configs/spnet/spnet-tiny_r18_{stage}_synthetic.py"
# The benchmark, of other people: layout by layout.
RENDERED = "--layout {layout} --seed {seed} --out {data}/{layout}"
RECIPES = {"cpu": Recipe(2, 3, 2), "gpu": Recipe(6, 12, 8, WIDE)}
# Object-centric and query-centric pre-training keep boxes, not identities: what they
# are worth is measured by searching after fine-tuning, not by the probe of crops.
NO_PROBE = ("val_cfg=None", "val_dataloader=None", "val_evaluator=None")
# The published partitions rest on pictures with at least two persons: so does "all".
ALL_LABELS = ("train_dataloader.dataset.label_noise.percent=100",)
ONE_LABEL = ("train_dataloader.dataset.label_noise.percent=20",)
BATCH_NORM = ("model.sp_block.logits=batch_norm",)
# the first hundred of the thousand labelled pictures
TENTH = ("train_dataloader.dataset.indices=100",)
POSITIVE = ("model.sp_block.positive_logits=True",)

SETTINGS = {
    "scratch": Setting("oc-finetune"),
    "qc_pretrain": Setting("qc-pretrain", ALL_LABELS),
    "oc_pretrain": Setting("oc-pretrain", ALL_LABELS),
    "qc_pretrained": Setting("oc-finetune", (), "qc_pretrain"),
    "oc_pretrained": Setting("oc-finetune", (), "oc_pretrain"),
    "scratch_10": Setting("oc-finetune", TENTH, longer=10),
    "oc_pretrained_10": Setting("oc-finetune", TENTH, "oc_pretrain", longer=10),
    "qc_pretrained_10": Setting("oc-finetune", TENTH, "qc_pretrain", longer=10),
    "scratch_long": Setting("oc-finetune", longer=4),
    "oc_pretrained_long": Setting("oc-finetune", (), "oc_pretrain", longer=4),
    "qc_pretrained_long": Setting("oc-finetune", (), "qc_pretrain", longer=4),
    "qc_pretrain_missing": Setting("qc-pretrain", ONE_LABEL),
    "oc_pretrain_missing": Setting("oc-pretrain", ONE_LABEL),
    "qc_pretrained_missing": Setting("oc-finetune", (), "qc_pretrain_missing"),
    "oc_pretrained_missing": Setting("oc-finetune", (), "oc_pretrain_missing"),
    "batch_norm": Setting("oc-finetune", BATCH_NORM),
    "batch_norm_positive": Setting("oc-finetune", BATCH_NORM + POSITIVE),
    "fixed_norm_positive": Setting("oc-finetune", POSITIVE),
    "query_centric": Setting("qc-finetune"),
}

QUESTIONS = {
    "pretraining": Question(
        "Does query-centric pre-training help object-centric fine-tuning more than "
        "object-centric pre-training and none, at one fine-tuning budget?",
        {
            "scratch": "no pre-training",
            "oc_pretrained": "object-centric pre-training",
            "qc_pretrained": "query-centric pre-training",
        },
    ),
    "few_labels": Question(
        "Do object-centric and query-centric pre-training help where a tenth of the "
        "pictures is labelled, at one fine-tuning budget?",
        {
            "scratch_10": "no pre-training",
            "oc_pretrained_10": "object-centric pre-training",
            "qc_pretrained_10": "query-centric pre-training",
        },
    ),
    "long_finetuning": Question(
        "Does query-centric pre-training help more than object-centric and none after "
        "four times as long a fine-tuning?",
        {
            "scratch_long": "no pre-training",
            "oc_pretrained_long": "object-centric pre-training",
            "qc_pretrained_long": "query-centric pre-training",
        },
    ),
    "missing_labels": Question(
        "Does query-centric pre-training lose less than object-centric when only one "
        "label is left per picture?",
        {
            "oc_pretrained": "object-centric, all labels",
            "oc_pretrained_missing": "object-centric, one label per picture",
            "qc_pretrained": "query-centric, all labels",
            "qc_pretrained_missing": "query-centric, one label per picture",
        },
    ),
    "logits": Question(
        "Which logits are best, FixedNorm or BatchNorm, of negative or positive sign?",
        {
            "scratch": "FixedNorm (-)",
            "fixed_norm_positive": "FixedNorm (+)",
            "batch_norm": "BatchNorm (-)",
            "batch_norm_positive": "BatchNorm (+)",
        },
    ),
    "finetuning": Question(
        "Is fine-tuning better query-centric or object-centric?",
        {
            "scratch": "object-centric",
            "query_centric": "query-centric",
            "qc_pretrained": "object-centric, pre-trained",
        },
        SEARCH_METRICS,
    ),
}


def needed(question: str) -> list[str]:
    """Settings that a question needs, every pre-training first."""
    names = QUESTIONS[question].rows
    starts = [SETTINGS[name].start for name in names if SETTINGS[name].start]
    return list(dict.fromkeys([*starts, *names]))


def rendered(root: Path, seed: int) -> Path:
    """The folder of the benchmark as another seed renders it; rendered once."""
    data = root / "data"
    for layout in ("prw", "coco"):
        runs.render(root, layout, RENDERED, layout=layout, seed=seed, data=data)
    return data


def data_options(stage: str, data: Path | None) -> list[str]:
    """Options that make a training read the benchmark in a folder.

    Args:
        stage: see :class:`Setting`.
        data: None: where the configs look.
    """
    if data is None:
        return []
    if stage.endswith("pretrain"):
        return [f"train_dataloader.dataset.data_root={data / 'coco'}"]
    parts = ("train", "val", "test")
    return [f"{part}_dataloader.dataset.data_root={data / 'prw'}" for part in parts]


def run_setting(
    recipe: Recipe,
    name: str,
    root: Path,
    data: Path | None,
    seed: int,
    start: Future | None,
) -> None:
    """Train one setting with one seed.

    Args:
        recipe: budgets.
        name: of :data:`SETTINGS`.
        root: folder of all runs.
        data: folder of the benchmark; None: where the configs look.
        seed: of the training.
        start: the pre-training to wait for.
    """
    setting = SETTINGS[name]
    folder = root / f"seed{seed}" / name
    config = CONFIG.format(stage=setting.stage)
    options = [f"randomness.seed={seed}", *recipe.options, *setting.options]
    options += data_options(setting.stage, data)
    if start is not None:
        start.result()
        checkpoint = runs.last_checkpoint(root / f"seed{seed}" / setting.start)
        options.append(f"model.pretrained.checkpoint={checkpoint}")
    number = epochs(recipe, setting.stage) * setting.longer
    budget = [f"train_cfg.max_epochs={number}", f"train_cfg.val_interval={number}"]
    if setting.stage.endswith("pretrain"):
        budget += NO_PROBE
    runs.train(config, folder, *options, *budget)  # tested at its end


def epochs(recipe: Recipe, stage: str) -> int:
    """Epochs of a training, see :class:`Recipe`."""
    if stage.endswith("pretrain"):
        return recipe.pretrain_epochs
    if stage == "qc-finetune":
        return recipe.query_centric_epochs
    return recipe.finetune_epochs


def run_all(
    recipe: Recipe,
    questions: list[str],
    root: Path,
    data: Path | None,
    seeds: list[int],
    jobs: int,
) -> None:
    """Every training that the questions need."""
    futures: dict[tuple[int, str], Future] = {}
    with ThreadPoolExecutor(jobs) as pool:
        for question, seed in itertools.product(questions, seeds):
            for name in needed(question):
                if (seed, name) not in futures:
                    start = futures.get((seed, SETTINGS[name].start))
                    futures[seed, name] = pool.submit(
                        run_setting, recipe, name, root, data, seed, start
                    )
        for future in futures.values():
            future.result()


def collect(
    question: str, root: Path, seeds: list[int], command: Sequence[str]
) -> dict:
    """One question's result file.

    Args:
        question: of :data:`QUESTIONS`.
        root: folder of all runs.
        seeds: that were trained.
        command: that was called, script and arguments.
    """
    asked = QUESTIONS[question]
    metrics = list(asked.metrics)
    rows = []
    for name in asked.rows:
        folders = [root / f"seed{seed}" / name for seed in seeds]
        tested = [runs.logged_metrics(folder, metrics) for folder in folders]
        rows.append(runs.summarise(row_name(name), tested, metrics))
    steps = runs.steps_of(
        *(root / f"seed{seed}" / name for seed in seeds for name in needed(question))
    )
    provenance = runs.provenance(seeds, command, steps)
    return {"question": asked.text, "rows": rows, **provenance}


def question_of(results: dict) -> Question:
    """The question that a result file answers."""
    return next(q for q in QUESTIONS.values() if q.text == results["question"])


def draw(results: dict) -> str:
    """Markdown of one question's result file: mean and standard deviation.

    Args:
        results: what :func:`collect` returns.
    """
    asked = question_of(results)
    lines = [
        results["question"],
        "",
        "| | " + " | ".join(asked.metrics.values()) + " |",
        "|---|" + "---:|" * len(asked.metrics),
    ]
    for row in results["rows"]:
        cells = (_cell(row, metric, len(results["seeds"])) for metric in asked.metrics)
        lines.append(f"| {asked.titles[row['name']]} | " + " | ".join(cells) + " |")
    seeds = ", ".join(str(seed) for seed in results["seeds"])
    several = f"Training seeds {seeds}, mean ± standard deviation."
    lines += [
        "",
        several if len(results["seeds"]) > 1 else f"One training seed, {seeds}.",
        f"`{results['command']}` at "
        f"commit `{results['commit']}`; {results['minutes']:.0f} minutes of training "
        f"on {results['machine']}.",
    ]
    return "\n".join(lines)


def _cell(row: dict, metric: str, seeds: int) -> str:
    spread = f" ± {row['std'][metric]:.3f}" if seeds > 1 else ""
    return f"{row['mean'][metric]:.3f}{spread}"


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--questions", nargs="+", choices=QUESTIONS, default=list(QUESTIONS)
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=1, help="trainings at a time")
    parser.add_argument("--recipe", choices=RECIPES, default="cpu")
    parser.add_argument(
        "--render-seed",
        type=int,
        help="of people and scenes; without it the data of tools/quickstart.sh",
    )
    parser.add_argument("--work-dir", type=Path, default="work_dirs/spnet_claims")
    parser.add_argument("--out", type=Path, default="results", help="folder")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    args = parse_args(arguments)
    root = args.work_dir.resolve() / args.recipe
    data = None if args.render_seed is None else rendered(root, args.render_seed)
    recipe = RECIPES[args.recipe]
    run_all(recipe, args.questions, root, data, args.seeds, args.jobs)
    given = sys.argv[1:] if arguments is None else arguments
    command = ["tools/experiments/spnet_claims.py", *given]
    suffix = "" if args.recipe == "cpu" else f"_{args.recipe}"
    for question in args.questions:
        results = collect(question, root, args.seeds, command)
        path = args.out / f"spnet_{question}{suffix}.json"
        runs.write_results(path, results)
        for row in results["rows"]:
            print(f"{question:15s} {row['name']:26s} mAP {row['mean']['mAP']:.3f}")


if __name__ == "__main__":
    with one_line_errors():
        main()
