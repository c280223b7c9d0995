"""Convert checkpoints of the public SPNet implementation (LLNL/spnet), both ways.

python tools/model_converters/convert_spnet.py epoch=29.ckpt spnet_s.pth
python tools/model_converters/convert_spnet.py --to-public spnet_s.pth spnet_s.ckpt

Every architecture is known by its keys: ConvNeXt, ResNet, SOLIDER's Swin, torchvision's
Swin. Of a pre-trained model --momentum takes the momentum encoder's weights as those of
the encoder. The public code loads what --to-public writes, although it lacks what only
that code has; --like EPOCH29.ckpt takes that over from a public checkpoint.
"""

import argparse
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor

import mmpsearch  # noqa: F401
from mmpsearch.models.converters.files import convert_file, make_parser
from mmpsearch.models.converters.renaming import ConversionReport
from mmpsearch.models.converters.spnet import convert_spnet, publish_spnet
from mmpsearch.utils.checkpoint import load_checkpoint
from mmpsearch.utils.command_line import one_line_errors

Result = tuple[dict[str, Tensor], ConversionReport]


def parse_args() -> argparse.Namespace:
    parser = make_parser(__doc__)
    direction = parser.add_mutually_exclusive_group()
    direction.add_argument(
        "--momentum", action="store_true", help="take the momentum encoder's weights"
    )
    direction.add_argument(
        "--to-public", action="store_true", help="from our names to the public ones"
    )
    parser.add_argument(
        "--like", type=Path, help="with --to-public: a public checkpoint to complete it"
    )
    args = parser.parse_args()
    if args.like and not args.to_public:
        parser.error("--like needs --to-public")
    return args


def state_of(checkpoint: Mapping[str, Any]) -> Any:
    """The state dict in a checkpoint, or what is in its place."""
    return checkpoint.get("state_dict", checkpoint)


def to_ours(checkpoint: Mapping[str, Any], momentum: bool) -> Result:
    return convert_spnet(state_of(checkpoint), momentum)


def to_public(checkpoint: Mapping[str, Any], like: Path | None, unsafe: bool) -> Result:
    other = state_of(load_checkpoint(like, unsafe=unsafe)) if like else None
    return publish_spnet(state_of(checkpoint), other)


def main() -> int:
    args = parse_args()
    convert = partial(to_ours, momentum=args.momentum)
    if args.to_public:
        convert = partial(to_public, like=args.like, unsafe=args.unsafe_load)
    return convert_file(args.source, args.target, convert, args.unsafe_load)


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
