"""What the tools' command lines have in common."""

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from mmengine.config import Config, DictAction

from mmpsearch.datasets.io.errors import DataError
from mmpsearch.mmcv_ops import MMCVOpMissingError

from .check_config import ConfigError
from .checkpoint import CheckpointError

# What a user can put right: shown in one line, without a traceback.
USER_ERRORS = (
    ConfigError,
    CheckpointError,
    DataError,
    MMCVOpMissingError,
    FileNotFoundError,
)


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of MMDetection's ``train.py`` and ``test.py`` alike."""
    parser.add_argument("--work-dir", help="folder for logs, checkpoints and results")
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        action=DictAction,
        default={},
        metavar="KEY=VALUE",
        help="change the config: a.b=1 c.0.d=x e='[1,2]'",
    )
    parser.add_argument(
        "--launcher", choices=["none", "pytorch", "slurm", "mpi"], default="none"
    )
    parser.add_argument("--local_rank", "--local-rank", type=int, default=0)
    parser.add_argument(
        "--unsafe-load",
        action="store_true",
        help="load checkpoints that hold pickled objects, which can run any code",
    )


def load_config(path: str, options: dict | None = None) -> Config:
    """Read a config and merge ``--cfg-options`` into it.

    Raises:
        ConfigError: naming the file, and the reason in one line.
    """
    if not Path(path).is_file():
        raise ConfigError(f"config {path}: there is no such file")
    try:
        config = Config.fromfile(path)
    except FileNotFoundError as error:
        raise ConfigError(
            f"config {path}: a file it names is missing: {error}"
        ) from None
    except Exception as error:  # whatever running a Python file raises
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ConfigError(f"config {path}: is not readable: {reason}") from error
    for key, value in (options or {}).items():
        try:
            config.merge_from_dict({key: value})
        except (KeyError, TypeError, IndexError, AssertionError) as error:
            raise ConfigError(f"--cfg-options {key}={value}: {error}") from None
    return config


def load_run_config(arguments: argparse.Namespace) -> Config:
    """`load_config` for a run: with work folder, launcher and backend."""
    os.environ.setdefault("LOCAL_RANK", str(arguments.local_rank))
    config = load_config(arguments.config, arguments.cfg_options)
    config.launcher = arguments.launcher
    if arguments.work_dir is not None:
        config.work_dir = arguments.work_dir
    elif config.get("work_dir") is None:
        config.work_dir = f"work_dirs/{Path(arguments.config).stem}"
    if config.launcher != "none" and not torch.cuda.is_available():
        _use_gloo(config)
    return config


def _use_gloo(config: Config) -> None:
    """Several ranks on a machine without GPU: MMEngine would ask for CUDA devices."""
    if config.launcher != "pytorch":
        raise ConfigError(
            f"--launcher {config.launcher}: needs GPUs; without them use --launcher "
            "pytorch (tools/dist_train.sh)"
        )
    torch.distributed.init_process_group("gloo")
    defaults = dict(
        type="MMDistributedDataParallel",
        device_ids=None,
        broadcast_buffers=False,
        find_unused_parameters=config.get("find_unused_parameters", False),
    )
    config.model_wrapper_cfg = {**defaults, **(config.get("model_wrapper_cfg") or {})}


@contextmanager
def one_line_errors() -> Iterator[None]:
    """End with status 2 and the text of an error that the user can put right."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, USER_ERRORS):
            raise
        text = str(error)
        if "DataLoader worker process" in text:  # then a whole traceback is in it
            text = text.rstrip().splitlines()[-1]
        print(f"error: {text}", file=sys.stderr)
        sys.exit(2)


def leave_together() -> None:
    """End the ranks' exchange in order: gloo aborts when one leaves before another."""
    from torch import distributed

    if distributed.is_available() and distributed.is_initialized():
        distributed.barrier()
        if distributed.get_backend() != "gloo":
            distributed.destroy_process_group()
            return
        # the destructors of gloo's threads abort now and then: leave without them
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
