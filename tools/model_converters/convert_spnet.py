"""Convert a checkpoint of the public SPNet implementation (LLNL/spnet).

python tools/model_converters/convert_spnet.py epoch=29.ckpt spnet_s.pth
"""

import argparse
import sys
from pathlib import Path

import torch

import mmpsearch  # noqa: F401
from mmpsearch.models.converters.spnet import convert_spnet
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.checkpoint import CheckpointError, load_checkpoint


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="Lightning .ckpt or state dict")
    parser.add_argument("target", type=Path, help="checkpoint to write")
    parser.add_argument(
        "--unsafe-load",
        action="store_true",
        help="allow arbitrary unpickling; only for files you trust",
    )
    return parser.parse_args()


def main() -> int:
    args = parse_args()
    try:
        checkpoint = load_checkpoint(args.source, unsafe=args.unsafe_load)
        converted, report = convert_spnet(checkpoint.get("state_dict", checkpoint))
    except CheckpointError as error:  # names the file
        print(error, file=sys.stderr)
        return 2
    except (OSError, ValueError) as error:
        print(f"{args.source}: {error}", file=sys.stderr)
        return 2
    with replace_when_done(args.target) as temporary:
        torch.save({"state_dict": converted, "meta": {}}, temporary)
    print(report)
    print(f"wrote {args.target}")
    return 1 if report.unmatched else 0


if __name__ == "__main__":
    sys.exit(main())
