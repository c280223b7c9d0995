"""Is a pre-training worth anything? Pre-train, probe, fine-tune alike, compare."""

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import result_tables as tables
import training_runs as runs

# What is rendered for re-identification: unlabelled crops, and people with identities.
# Another seed makes other people: nobody is in both. With the benchmark's seed its 150
# training people are among the unlabelled ones.
SEED = 0
CROPS = "--layout luperson --size 32x64 --identities 1000 --crops-per-identity 4"
RENDERED = {
    "luperson": CROPS + " --seed {unlabelled_seed} --out {data}/luperson",
    "luperson-overlapping": CROPS + " --seed {seed} --out {data}/luperson-overlapping",
    "market1501": "--layout market1501 --seed {seed} --out {data}/market1501",
}
IDENTITIES = 150


@dataclass(frozen=True)
class Labels:
    """How many labels a fine-tuning has.

    Attributes:
        percent: of the training identities.
        epochs: about as many steps for every share: fewer people, shorter epochs.
    """

    percent: int
    epochs: int

    @property
    def options(self) -> list[str]:
        """Of the fine-tuning, ``key=value``."""
        fraction = self.percent / 100
        return [
            f"train_dataloader.dataset.identity_fraction={fraction}",
            f"model.num_identities={round(IDENTITIES * fraction)}",
            f"train_cfg.max_epochs={self.epochs}",
            f"train_cfg.val_interval={self.epochs}",
            f"default_hooks.checkpoint.interval={self.epochs}",
        ]


LABELS = (Labels(10, 100), Labels(25, 40), Labels(100, 16))
PROBES = {
    "frozen_mAP": "frozen k-NN mAP",
    "frozen_rank1": "rank-1",
    "probe_mAP": "linear probe mAP",
    "probe_rank1": "rank-1",
    "effective_rank": "effective rank",
}
TUNED = {
    f"{metric}_{labels.percent}": f"{name} at {labels.percent} %"
    for labels in LABELS
    for metric, name in (("mAP", "mAP"), ("rank1", "rank-1"))
}
METRICS = {**PROBES, **TUNED}
# of result files that were made before features were probed
EARLIER = {"mAP": "mAP", "rank1": "rank-1", "mINP": "mINP"}


@dataclass(frozen=True)
class Row:
    """One way to start the fine-tuning.

    Attributes:
        title: in the table.
        config: of the pre-training; None: from scratch.
        options: of the pre-training, ``key=value``; from scratch, of the untrained
            network whose features are probed.
        crops: folder of the unlabelled crops, below the rendered data.
        tuning: options of the fine-tuning, such as a network that differs.
    """

    title: str
    config: str | None = None
    options: tuple[str, ...] = ()
    crops: str = "luperson"
    tuning: tuple[str, ...] = ()


@dataclass(frozen=True)
class PretrainingQuestion:
    """An experiment whose rows differ in what the fine-tuning starts from.

    Attributes:
        name: of the script, of its result file and of its work directory.
        question: what the result file says that was asked.
        rows: name -> row.
        differences: pairs of rows: the table says by how much the first is better.
        untrained: config of a pre-training whose untrained backbone is probed.
        finetune: config of the fine-tuning, which is tested.
        prefix: of the backbone's keys in the pre-training's checkpoint.
        crops: the config's data set of unlabelled crops.
    """

    name: str
    question: str
    rows: dict[str, Row]
    differences: Sequence[tuple[str, str]]
    untrained: str
    finetune: str
    prefix: str
    crops: str = "train_dataloader.dataset"

    def run_seed(
        self,
        root: Path,
        data: Path,
        seed: int,
        rows: Sequence[str],
        pretrain: Sequence[str],
        finetune: Sequence[str],
    ) -> dict[str, dict[str, float]]:
        """All trainings of one seed; metrics per row.

        Args:
            root: work directory.
            data: folder of what is rendered.
            seed: of every training.
            rows: their names.
            pretrain: further options of the pre-trainings.
            finetune: further options of the fine-tunings.
        """
        found = {}
        labelled = f"{data}/market1501"
        probed = [f"test_dataloader.dataset.dataset.data_root={labelled}"]
        probed += [f"val_dataloader.dataset.dataset.data_root={labelled}"]
        tested = [
            f"{loader}_dataloader.dataset.data_root={labelled}"
            for loader in ("train", "val", "test")
        ]
        for name in rows:
            row, folder, start = self.rows[name], root / f"seed{seed}" / name, []
            if row.config is None:
                given = [*row.options, *probed]
                features = runs.probe(folder, self.untrained, seed, given)
            else:
                place = folder / "pretrain"
                crops = f"{self.crops}.data_root={data}/{row.crops}"
                given = [f"randomness.seed={seed}", crops, *row.options, *probed]
                runs.train(row.config, place, *given, *pretrain)
                features = runs.logged_metrics(place, list(PROBES))
                start = runs.start_from(runs.last_checkpoint(place), self.prefix)
            found[name] = {key: features[key] for key in PROBES}
            for labels in LABELS:
                place = folder / f"labels_{labels.percent}"
                options = [f"randomness.seed={seed}", *start, *labels.options, *tested]
                runs.train(self.finetune, place, *options, *row.tuning, *finetune)
                scores = runs.logged_metrics(place, ["mAP", "rank1"])
                found[name] |= {
                    f"{key}_{labels.percent}": value for key, value in scores.items()
                }
        return found

    def draw(self, results: dict) -> str:
        """Markdown of the result file, which :meth:`main` writes."""
        rows = {row["name"]: row for row in results["rows"]}
        known = next(iter(rows.values()))["mean"]
        columns = {k: v for k, v in {**METRICS, **EARLIER}.items() if k in known}
        lines = tables.table_head("fine-tuned", columns)
        for name, row in self.rows.items():
            if name in rows:
                lines += tables.table_rows(
                    row.title, rows[name], columns, results["seeds"]
                )
        for name, base in self.differences:
            if name in rows and base in rows:
                title = f"{self.rows[name].title}, against {self.rows[base].title}"
                lines.append(
                    tables.difference_row(title, rows[name], rows[base], columns)
                )
        return "\n".join([*lines, "", tables.where_run(results)])

    def main(self, arguments: Sequence[str] | None = None) -> None:
        """Run what is missing, write the result file, print the table.

        Args:
            arguments: of the command line; None: those of the process.
        """
        script = f"tools/experiments/{self.name}.py"
        parser = argparse.ArgumentParser(description=self.question)
        runs.add_arguments(parser, self.name)
        runs.add_pretraining_arguments(parser)
        parser.add_argument(
            "--render-seed", type=int, default=SEED, help="of people and pictures"
        )
        parser.add_argument(
            "--rows", nargs="+", choices=self.rows, default=list(self.rows)
        )
        parser.add_argument(
            "--add", action="store_true", help="keep other rows of the result file"
        )
        args = parser.parse_args(arguments)
        if args.add:  # known before hours of training
            earlier = json.loads(args.out.read_text())
            runs.check_joinable(earlier, self.question, args.seeds, args.rows)
        root = args.work_dir.resolve()
        data = root / "data"
        needed = {"market1501", *(self.rows[name].crops for name in args.rows)}
        for name in sorted(needed):
            seeds = dict(seed=args.render_seed, unlabelled_seed=args.render_seed + 1000)
            runs.render(root, name, RENDERED[name], data=data, **seeds)
        options = args.rows, args.pretrain_options, args.finetune_options
        with ThreadPoolExecutor(args.jobs) as pool:
            found = list(
                pool.map(lambda s: self.run_seed(root, data, s, *options), args.seeds)
            )
        steps = runs.steps_of(
            *(root / f"seed{seed}" / name for seed in args.seeds for name in args.rows)
        )
        given = sys.argv[1:] if arguments is None else arguments
        result = {
            "question": self.question,
            "rows": [
                runs.summarise(name, [each[name] for each in found], METRICS)
                for name in args.rows
            ],
            **runs.provenance(args.seeds, [script, *given], steps),
        }
        if args.add:
            result = runs.joined(earlier, result)
        runs.write_results(args.out, result)
        print(self.draw(result))
