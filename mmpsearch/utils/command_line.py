"""What the tools' command lines have in common."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.utils import import_modules_from_strings

from mmpsearch.errors import ConfigError, UserError
from mmpsearch.utils.check_config import check_keys, raise_problems
from mmpsearch.utils.config_files import packaged_config
from mmpsearch.utils.config_options import add_options_argument
from mmpsearch.utils.gloo_ranks import join_gloo_ranks
from mmpsearch.utils.parent_watch import end_with_named_process
from mmpsearch.utils.run_defaults import complete_run

# What a user can put right: shown in one line, without a traceback.
USER_ERRORS = (UserError, OSError)
# Written by OpenCV and Matplotlib alike; the others by Matplotlib alone.
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
FIGURES = (*PICTURES, ".pdf", ".svg")


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of MMDetection's ``train.py`` and ``test.py`` alike."""
    parser.add_argument("--work-dir", help="folder for logs, checkpoints and results")
    add_options_argument(parser)
    parser.add_argument(
        "--launcher", choices=["none", "pytorch", "slurm", "mpi"], default="none"
    )
    parser.add_argument("--local_rank", "--local-rank", type=int, default=0)
    parser.add_argument(
        "--unsafe-load",
        action="store_true",
        help="load checkpoints that hold pickled objects, which can run any code",
    )


def output_file(*suffixes: str) -> Callable[[str], Path]:
    """``type=`` of an argument: a file to write, refused before any work is done.

    Args:
        suffixes: with which its name may end, such as ``.png``; none: with any.

    Returns:
        Turns the argument into a path.
    """

    def check(text: str) -> Path:
        path = Path(text)
        if suffixes and path.suffix.lower() not in suffixes:
            *others, last = suffixes
            names = f"{', '.join(others)} or {last}" if others else last
            raise argparse.ArgumentTypeError(f"{text}: the name must end with {names}")
        if path.is_dir():
            raise argparse.ArgumentTypeError(f"{text}: is a folder; name a file in it")
        output_folder(str(path.parent))
        return path

    return check


def output_folder(text: str) -> Path:
    """``type=`` of an argument: a folder to write to, which need not exist yet.

    Args:
        text: the argument.

    Raises:
        ArgumentTypeError: there is a file in its place.
    """
    path = Path(text)
    for place in (path, *path.parents):
        if place.is_file():
            raise argparse.ArgumentTypeError(f"{place}: is a file, not a folder")
    return path


def find_config(name: str) -> str:
    """The file of ``mmpsearch::METHOD/NAME.py``, as ``_base_`` names it, or ``name``.

    Args:
        name: path of a config, or its place below a package's ``configs``.
    """
    return str(packaged_config(name) or name)


def load_config(path: str, options: dict | None = None, check: bool = True) -> Config:
    """Read a config and merge ``--cfg-options`` into it.

    Args:
        path: of the file, or a name as of `find_config`.
        options: key -> value, changed in this order.
        check: refuse options that nothing reads; False where `check_config` looks at
            the whole config later. What the file itself has wrong stays its own.

    Raises:
        ConfigError: naming the file, and the reason in one line.
    """
    path = find_config(path)
    if not Path(path).is_file():
        raise ConfigError(f"config {path}: there is no such file")
    try:
        config = Config.fromfile(path)
    except FileNotFoundError as error:
        raise ConfigError(
            f"config {path}: a file it names is missing: {error}"
        ) from None
    except Exception as error:  # whatever running a Python file raises
        reason = _reason(error)
        raise ConfigError(f"config {path}: is not readable: {reason}") from error
    known = set(check_keys(config)) if options and check else set()
    for key, value in (options or {}).items():
        try:
            config.merge_from_dict({key: value})
        except (KeyError, TypeError, IndexError, AssertionError) as error:
            raise ConfigError(f"--cfg-options {key}={value}: {error}") from None
    if any(key.startswith("custom_imports") for key in options or {}):
        _import_given(config)
    if options and check:
        raise_problems([one for one in check_keys(config) if one not in known])
    return config


def _import_given(config: Config) -> None:
    """Import what ``custom_imports`` of the command line names.

    MMEngine imports what a file names, when it reads the file.
    """
    try:
        import_modules_from_strings(**config.custom_imports)
    except (ImportError, TypeError, ValueError) as error:
        raise ConfigError(
            f"--cfg-options custom_imports={config.custom_imports}: {_reason(error)}"
        ) from error


def _reason(error: BaseException) -> str:
    """One line: the error, and what it came from, such as a module that is missing."""
    first = error
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    text = str(first).partition(", the current sys.path is")[0]
    reason = f"{type(first).__name__}: {text}".splitlines()[0]
    return reason if error is first else f"{reason}: {error}".replace("\n", " ")


def load_run_config(arguments: argparse.Namespace) -> Config:
    """`load_config` for a run: with work folder, launcher and backend.

    What every run needs is added (`mmpsearch.utils.run_defaults`).

    The options are not checked: `require_valid` finds all that is wrong at once.

    Raises:
        ConfigError: as `load_config`; or the run would write over the config.
    """
    os.environ.setdefault("LOCAL_RANK", str(arguments.local_rank))
    arguments.config = find_config(arguments.config)
    config = load_config(arguments.config, arguments.cfg_options, check=False)
    config.launcher = arguments.launcher
    if arguments.work_dir is not None:
        config.work_dir = arguments.work_dir
    elif config.get("work_dir") is None:
        config.work_dir = f"work_dirs/{Path(arguments.config).stem}"
    _keep_source(Path(arguments.config), Path(config.work_dir))
    complete_run(config)
    if config.launcher != "none" and not torch.cuda.is_available():
        _use_gloo(config)
    return config


def _keep_source(source: Path, work_dir: Path) -> None:
    """Refuse a work folder where MMEngine's copy of the config would replace it.

    A copy that an earlier run left there loses nothing.

    Raises:
        ConfigError: the config was written by hand and lies in the folder.
    """
    copy = work_dir / source.name
    if copy.exists() and copy.samefile(source):
        text = source.read_text(encoding="utf-8")
        if text != Config.fromfile(source).pretty_text:
            raise ConfigError(
                f"--work-dir {work_dir}: holds {source.name} itself, and the run's "
                "copy of it would be written over it; give another folder"
            )


def _use_gloo(config: Config) -> None:
    """Several ranks on a machine without GPU: MMEngine would ask for CUDA devices."""
    join_gloo_ranks(config.launcher)
    defaults = dict(
        type="MMDistributedDataParallel",
        device_ids=None,
        broadcast_buffers=False,
        find_unused_parameters=config.get("find_unused_parameters", False),
    )
    config.model_wrapper_cfg = {**defaults, **(config.get("model_wrapper_cfg") or {})}


@contextmanager
def one_line_errors() -> Iterator[None]:
    """End with status 2 and the text of an error that the user can put right.

    A program also ends when the script does that has started it and said so.
    """
    end_with_named_process()
    try:
        yield
    except Exception as error:
        if not isinstance(error, USER_ERRORS):
            raise
        print(f"error: {_describe(error)}", file=sys.stderr)
        sys.exit(2)


def _describe(error: Exception) -> str:
    """The text of a user's error, without numbers and tracebacks."""
    text = str(error)
    if "DataLoader worker process" in text:  # then a whole traceback is in it
        return text.rstrip().splitlines()[-1]
    if isinstance(error, OSError) and error.filename is not None:
        reason = error.strerror
        if isinstance(error, FileExistsError | NotADirectoryError):
            reason = "there is a file where a folder is needed"
        return f"{error.filename}: {reason}"
    return text


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
