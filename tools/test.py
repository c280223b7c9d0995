"""Test a model: python tools/test.py CONFIG CHECKPOINT [options]."""

import argparse
from pathlib import Path

from mmengine.config import Config
from mmengine.runner import Runner

from mmpsearch.errors import CheckpointError, ConfigError
from mmpsearch.evaluation.metrics import DumpPredictions
from mmpsearch.models.reid.base import ReIDBase
from mmpsearch.ops.cpu import speed_up_on_cpu
from mmpsearch.registry import MODELS
from mmpsearch.utils.check_config import require_valid
from mmpsearch.utils.checkpoint import use_safe_checkpoints
from mmpsearch.utils.command_line import (
    add_config_arguments,
    leave_together,
    load_run_config,
    one_line_errors,
)
from mmpsearch.utils.misfits import named_misfits


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "config", help="config file; it is code: read a stranger's first"
    )
    parser.add_argument("checkpoint", help="checkpoint file or URL")
    parser.add_argument("--out", metavar="FILE.pkl", help="save the predictions")
    parser.add_argument("--show", action="store_true", help="show them in a window")
    parser.add_argument(
        "--show-dir",
        help="save pictures in work_dir/TIME/SHOW_DIR: rankings, in scenes detections",
    )
    parser.add_argument(
        "--wait-time", type=float, default=2, help="seconds a window stays"
    )
    add_config_arguments(parser)
    return parser.parse_args()


def apply_options(config: Config, arguments: argparse.Namespace) -> None:
    """Carry over to the config what the command line says."""
    checkpoint = arguments.checkpoint
    if "://" not in checkpoint and not Path(checkpoint).is_file():
        raise CheckpointError(f"checkpoint {checkpoint}: there is no such file")
    if arguments.out and Path(arguments.out).suffix not in (".pkl", ".pickle"):
        raise ConfigError(f"--out {arguments.out}: the name must end with .pkl")
    if arguments.out:  # refused now, not behind hours of testing
        Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
    if config.get("test_dataloader") is None:
        raise ConfigError(f"config {arguments.config}: test_dataloader: is missing")
    config.load_from, config.resume = checkpoint, False
    hooks = [dict(type="mmpsearch.CompleteWeightsHook", for_testing=True)]
    if arguments.show_dir and not arguments.show and ranks_crops(config):
        hooks.append(
            dict(type="mmpsearch.RankingPicturesHook", folder=arguments.show_dir)
        )
    elif arguments.show or arguments.show_dir:
        hooks.append(
            dict(
                type="mmpsearch.PredictionPicturesHook",
                folder=arguments.show_dir,
                show=arguments.show,
                wait_time=arguments.wait_time,
            )
        )
        config.visualizer = dict(type="mmdet.DetLocalVisualizer", name="visualizer")
        if arguments.show_dir:
            folder = f"{arguments.show_dir}/rankings"
            hooks.append(dict(type="mmpsearch.SearchRankingsHook", folder=folder))
    config.custom_hooks = [*(config.get("custom_hooks") or []), *hooks]


def ranks_crops(config: Config) -> bool:
    """Whether the model embeds crops, and finds nobody in scenes."""
    model = MODELS.get(config.model.get("type"))
    return isinstance(model, type) and issubclass(model, ReIDBase)


def run_test(arguments: argparse.Namespace) -> None:
    """Test, and write the predictions where they are wanted."""
    use_safe_checkpoints(unsafe=arguments.unsafe_load)
    config = load_run_config(arguments)
    apply_options(config, arguments)
    require_valid(config)
    runner = Runner.from_cfg(config)
    speed_up_on_cpu(runner.model)
    if arguments.out:
        runner.test_evaluator.metrics.append(DumpPredictions(arguments.out))
    with named_misfits(runner):
        runner.test()


def main() -> None:
    arguments = parse_arguments()
    with one_line_errors():
        run_test(arguments)
        leave_together()


if __name__ == "__main__":
    main()
