"""Train a model: python tools/train.py CONFIG [options]."""

import argparse
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from mmengine.config import Config
from mmengine.device import is_cuda_available
from mmengine.model import is_model_wrapper
from mmengine.runner import FlexibleRunner, Runner
from torch import nn

from mmpsearch.engine.start_weights import announce_start_weights
from mmpsearch.errors import ConfigError
from mmpsearch.ops.cpu import speed_up_on_cpu
from mmpsearch.registry import RUNNERS
from mmpsearch.utils.check_config import require_valid
from mmpsearch.utils.checkpoint import use_safe_checkpoints
from mmpsearch.utils.command_line import (
    add_config_arguments,
    leave_together,
    load_run_config,
    one_line_errors,
)
from mmpsearch.utils.misfits import named_misfits
from mmpsearch.utils.work_folder import (
    alone_in,
    earlier_runs,
    find_latest_checkpoint,
)

# of --amp, where the config's wrapper does more than MMEngine's
AMP_WRAPPERS = {"mmpsearch.ClipEachOptimWrapper": "mmpsearch.ClipEachAmpOptimWrapper"}


# of --amp; bfloat16 has float32's range, so that losses need no scaling. float16 is the
# wrapper's own choice, which a config may have replaced.
AMP_OPTIONS = {
    "fp16": dict(),
    "bf16": dict(dtype="bfloat16", loss_scale=dict(enabled=False)),
}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "config", help="config file; it is code: read a stranger's first"
    )
    parser.add_argument(
        "--resume",
        nargs="?",
        const="auto",
        metavar="CHECKPOINT",
        help="go on from a checkpoint; without a path, from the latest in --work-dir",
    )
    parser.add_argument(
        "--amp",
        choices=tuple(AMP_OPTIONS),
        help="train in mixed precision (fp16); bf16 on GPUs from Ampere on",
    )
    parser.add_argument(
        "--auto-scale-lr",
        action="store_true",
        help="scale the learning rate from auto_scale_lr.base_batch_size",
    )
    add_config_arguments(parser)
    return parser.parse_args(name_amp_type(sys.argv[1:]))


def name_amp_type(words: list[str]) -> list[str]:
    """``--amp`` alone means fp16, also before an option or the config.

    A config's name has an ending; any other word is a type, which may be refused.
    """
    named = []
    for word, following in zip(words, [*words[1:], ""], strict=True):
        typed = following and not following.startswith("-")
        alone = word == "--amp" and not (typed and not Path(following).suffix)
        named += [word, "fp16"] if alone else [word]
    return named


def require_training(config: Config) -> None:
    """Refuse a config that only tests, and say which tool tests it.

    Raises:
        ConfigError: a part that training needs is missing.
    """
    parts = ("train_dataloader", "train_cfg", "optim_wrapper")
    missing = [part for part in parts if config.get(part) is None]
    if missing:
        model = str((config.get("model") or {}).get("type"))
        two_step = model.rpartition(".")[2] == "TwoStepSearch"
        raise ConfigError(
            f"config {config.filename}: has no {', '.join(missing)}: it only tests; "
            f"use tools/{'test_two_step' if two_step else 'test'}.py"
        )


def require_modules(model: nn.Module, names: str | list[str] | None) -> None:
    """Refuse names of ``activation_checkpointing`` that the model does not have.

    Raises:
        ConfigError: there is no such module.
    """
    model = model.module if is_model_wrapper(model) else model
    for name in [names] if isinstance(names, str) else names or []:
        try:
            model.get_submodule(name)
        except AttributeError as error:
            raise ConfigError(
                f"config: activation_checkpointing: no module {name!r}: {error}"
            ) from error


def apply_options(config: Config, arguments: argparse.Namespace) -> None:
    """Carry over to the config what the command line says."""
    if arguments.amp:
        if not is_cuda_available():
            raise ConfigError("--amp: mixed precision needs a GPU; leave it out")
        wrapper = config.optim_wrapper.get("type")
        config.optim_wrapper.type = AMP_WRAPPERS.get(
            wrapper, "mmengine.AmpOptimWrapper"
        )
        config.optim_wrapper.setdefault("loss_scale", "dynamic")
        config.optim_wrapper.update(AMP_OPTIONS[arguments.amp])
    if arguments.auto_scale_lr:
        if "base_batch_size" not in (config.get("auto_scale_lr") or {}):
            raise ConfigError(
                f"--auto-scale-lr: {arguments.config} has no "
                "auto_scale_lr.base_batch_size; set it to the batch size that the "
                "learning rate was chosen for"
            )
        config.auto_scale_lr.enable = True
    checkpoint = arguments.resume
    if checkpoint is None and config.get("resume"):
        checkpoint = config.get("load_from") or "auto"
    if checkpoint:
        if checkpoint == "auto":
            checkpoint = find_latest_checkpoint(config.work_dir)
        if checkpoint is None:
            print(f"--resume: no checkpoint in {config.work_dir}; starting anew")
            config.resume = False
            for folder in earlier_runs(config.work_dir)[-1:]:
                print(f"those of an earlier run are in {folder}")
        else:
            if not Path(checkpoint).is_file():
                raise ConfigError(f"--resume {checkpoint}: there is no such file")
            config.resume, config.load_from = True, str(checkpoint)
            config.custom_hooks = [
                *(config.get("custom_hooks") or []),
                dict(type="mmpsearch.CompleteWeightsHook"),
            ]


def build_runner(config: Config) -> Runner | FlexibleRunner:
    """MMEngine's runner, or the one that ``runner_type`` names.

    ``FlexibleRunner`` builds the model when the training begins, by its strategy.
    """
    if "runner_type" in config:
        return RUNNERS.build(config)
    return Runner.from_cfg(config)


def alone_in_folder(config: Config) -> AbstractContextManager:
    """The work folder's lock, which the first rank holds for all."""
    ranks = dict(pytorch="RANK", slurm="SLURM_PROCID", mpi="OMPI_COMM_WORLD_RANK")
    rank = os.environ.get(ranks.get(config.launcher, ""), "0")
    if rank != "0":
        return nullcontext()
    return alone_in(config.work_dir, str(config.filename))


def main() -> None:
    arguments = parse_arguments()
    with one_line_errors():
        use_safe_checkpoints(unsafe=arguments.unsafe_load)
        config = load_run_config(arguments)
        require_training(config)
        apply_options(config, arguments)
        require_valid(config)
        with alone_in_folder(config):
            runner = build_runner(config)
            announce_start_weights(config)
            if isinstance(runner.model, nn.Module):
                require_modules(runner.model, config.get("activation_checkpointing"))
                speed_up_on_cpu(runner.model)
            with named_misfits(runner):
                runner.train()
            leave_together()


if __name__ == "__main__":
    main()
