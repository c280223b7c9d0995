"""RegDB's ten trials: train a model on each, test it, and average.

    python tools/experiments/regdb_trials.py configs/caj/caj_r50_regdb.py
    python tools/experiments/regdb_trials.py CONFIG --cfg-options \\
        model.backbone.init_cfg.checkpoint=work_dirs/mmgl/epoch_100.pth

Published numbers on RegDB are means over ten models. Finished steps are not repeated, a
training that was stopped goes on; so after a stop, give the same command once more.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import training_runs as runs  # noqa: E402
from mmengine.config import Config  # noqa: E402

from mmpsearch.errors import ConfigError
from mmpsearch.utils.command_line import one_line_errors

TRIALS = list(range(1, 11))
LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")
DIRECTIONS = ("visible_to_thermal", "thermal_to_visible")
METRICS = [
    f"{direction}/{metric}"
    for direction in DIRECTIONS
    for metric in ("rank1", "rank10", "rank20", "mAP", "mINP")
]


def run_trial(config: str, root: Path, trial: int, options: list[str]) -> dict:
    """Train and test on one trial; its metrics.

    Raises:
        StepError: training or testing failed; names its log.
    """
    folder = root / f"trial{trial}"
    given = [f"{loader}.dataset.trial={trial}" for loader in LOADERS] + options
    for step in (runs.train, runs.test):
        step(config, folder, *given)
    return runs.test_metrics(folder, METRICS)


def require_regdb(config: str) -> None:
    """Refuse a config of another data set.

    Raises:
        ConfigError: it trains on something else than RegDB, or cannot be read.
    """
    if not Path(config).is_file():
        raise ConfigError(f"config {config}: there is no such file")
    loader = Config.fromfile(config).get("train_dataloader") or {}
    kind = loader.get("dataset", {}).get("type", "nothing")
    if kind != "mmpsearch.RegDB":
        raise ConfigError(
            f"config {config}: trains on {kind}; only mmpsearch.RegDB has trials"
        )


def draw(results: dict) -> str:
    """Means over the trials as a table.

    Args:
        results: what :func:`main` writes.
    """
    (row,) = results["rows"]
    lines = [f"{'mean over trials':20} rank-1  rank-10  rank-20     mAP    mINP"]
    for direction in DIRECTIONS:
        names = [name for name in METRICS if name.startswith(direction)]
        cells = "  ".join(f"{row['mean'][name]:6.4f}" for name in names)
        lines.append(f"{direction:20} {cells}")
    return "\n".join(lines)


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", help="of a method on RegDB")
    parser.add_argument("--trials", type=int, nargs="+", default=TRIALS, choices=TRIALS)
    parser.add_argument("--jobs", type=int, default=1, help="trials at a time")
    parser.add_argument(
        "--work-dir", type=Path, help="default: work_dirs/CONFIG_trials"
    )
    parser.add_argument(
        "--cfg-options", nargs="+", default=[], metavar="KEY=VALUE", help="of every run"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    args = parse_args(arguments)
    require_regdb(args.config)
    config = str(Path(args.config).resolve())
    root = args.work_dir or Path("work_dirs") / f"{Path(args.config).stem}_trials"
    root = root.resolve()
    with ThreadPoolExecutor(args.jobs) as pool:
        found = list(
            pool.map(
                lambda trial: run_trial(config, root, trial, args.cfg_options),
                args.trials,
            )
        )
    steps = runs.steps_of(*(root / f"trial{trial}" for trial in args.trials))
    given = sys.argv[1:] if arguments is None else arguments
    origin = runs.provenance([], ["tools/experiments/regdb_trials.py", *given], steps)
    result = {
        "question": f"What does {Path(args.config).stem} reach on RegDB?",
        "rows": [runs.summarise(Path(args.config).stem, found, METRICS)],
        "trials": args.trials,
        **{key: value for key, value in origin.items() if key != "seeds"},
    }
    runs.write_results(root / "results.json", result)
    print(draw(result))
    print(f"every trial: {root / 'results.json'}")


if __name__ == "__main__":
    with one_line_errors():
        main()
