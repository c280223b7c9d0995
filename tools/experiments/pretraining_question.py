"""Is a pre-training worth anything? Pre-train, fine-tune alike, compare, per seed."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import result_tables as tables
import training_runs as runs

# what is rendered for re-identification: unlabelled crops, and people with identities
CROPS = (
    "--layout luperson --size 32x64 --identities 1000 --crops-per-identity 4 "
    "--out data/synthetic/luperson"
)
BENCHMARK = "--layout market1501 --out data/synthetic/market1501"
METRICS = {"mAP": "mAP", "rank1": "rank-1", "mINP": "mINP"}


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


@dataclass(frozen=True)
class PretrainingQuestion:
    """An experiment whose rows differ in what the fine-tuning starts from.

    Attributes:
        name: of the script, of its result file and of its work directory.
        question: what the result file says that was asked.
        rows: name -> row.
        differences: pairs of rows: the table says by how much the first is better.
        finetune: config of the fine-tuning, which is tested.
        prefix: of the backbone's keys in the pre-training's checkpoint.
        rendered: name -> options of tools/dataset_tools/make_synthetic.py.
    """

    name: str
    question: str
    rows: dict[str, Row]
    differences: Sequence[tuple[str, str]]
    finetune: str
    prefix: str
    rendered: dict[str, str]

    def run_seed(
        self, root: Path, seed: int, pretrain: Sequence[str], finetune: Sequence[str]
    ) -> dict[str, dict[str, float]]:
        """All trainings of one seed; metrics per row.

        Args:
            root: work directory.
            seed: of every training.
            pretrain: further options of the pre-trainings.
            finetune: further options of the fine-tunings.
        """
        found = {}
        for name, row in self.rows.items():
            folder = root / f"seed{seed}" / name
            options = [f"randomness.seed={seed}", *finetune]
            if row.config is not None:
                source = folder / "pretrain"
                given = [f"randomness.seed={seed}", *row.options, *pretrain]
                runs.train(row.config, source, *given)
                options += runs.start_from(runs.last_checkpoint(source), self.prefix)
            runs.train(self.finetune, folder, *options)
            runs.test(self.finetune, folder, *options)
            found[name] = runs.test_metrics(folder, list(METRICS))
        return found

    def draw(self, results: dict) -> str:
        """Markdown of the result file, which :meth:`main` writes."""
        rows = {row["name"]: row for row in results["rows"]}
        lines = tables.table_head("fine-tuned", METRICS)
        for name, row in self.rows.items():
            lines += tables.table_rows(row.title, rows[name], METRICS, results["seeds"])
        for name, base in self.differences:
            title = f"{self.rows[name].title}, against {self.rows[base].title}"
            lines.append(tables.difference_row(title, rows[name], rows[base], METRICS))
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
        args = parser.parse_args(arguments)
        root = args.work_dir.resolve()
        for name, options in self.rendered.items():
            runs.render(root, name, options)
        options = args.pretrain_options, args.finetune_options
        with ThreadPoolExecutor(args.jobs) as pool:
            found = list(
                pool.map(lambda s: self.run_seed(root, s, *options), args.seeds)
            )
        steps = runs.steps_of(
            *(root / f"seed{seed}" / name for seed in args.seeds for name in self.rows)
        )
        given = sys.argv[1:] if arguments is None else arguments
        result = {
            "question": self.question,
            "rows": [
                runs.summarise(name, [each[name] for each in found], METRICS)
                for name in self.rows
            ],
            **runs.provenance(args.seeds, [script, *given], steps),
        }
        runs.write_results(args.out, result)
        print(self.draw(result))
