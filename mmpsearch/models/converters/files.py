"""Convert a checkpoint file: what the tools in ``tools/model_converters`` share."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mmpsearch.errors import CheckpointError
from mmpsearch.models.converters.renaming import ConversionReport
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.checkpoint import load_checkpoint

Convert = Callable[[Mapping[str, Any]], tuple[dict[str, Tensor], ConversionReport]]


def make_parser(description: str) -> argparse.ArgumentParser:
    """Arguments of every converter: source, target and ``--unsafe-load``."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, help="public checkpoint")
    parser.add_argument("target", type=Path, help="checkpoint to write")
    parser.add_argument(
        "--unsafe-load",
        action="store_true",
        help="allow arbitrary unpickling; only for files you trust",
    )
    return parser


def convert_file(
    source: Path, target: Path, convert: Convert, unsafe: bool = False
) -> int:
    """Read, convert, write in one step, and print the report.

    Args:
        source: public checkpoint.
        target: file to write: ``state_dict`` and ``meta``.
        convert: checkpoint -> state dict and report; raises ValueError.
        unsafe: unpickle whatever the file holds.

    Returns:
        Exit code: 0, 1 where keys were left that no rule knows, 2 on failure.
    """
    try:
        converted, report = convert(load_checkpoint(source, unsafe=unsafe))
    except CheckpointError as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, ValueError) as error:
        print(f"{source}: {error}", file=sys.stderr)
        return 2
    # weights of a slice of a larger tensor would drag it along
    converted = {key: value.detach().clone() for key, value in converted.items()}
    with replace_when_done(target) as temporary:
        torch.save({"state_dict": converted, "meta": {}}, temporary)
    print(report)
    print(f"wrote {target}")
    return 1 if report.unmatched else 0
