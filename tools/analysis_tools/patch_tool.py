"""Options of the tools that show what a transformer's patches say."""

import argparse
from pathlib import Path

import cv2
import numpy as np

import mmpsearch  # noqa: F401
from mmpsearch.apis.patch_tokens import PatchTokens
from mmpsearch.models.selfsup.views_preprocessor import IMAGENET_MEAN, IMAGENET_STD
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import PICTURES, output_file

# of --out, where it is one picture
picture_file = output_file(*PICTURES)


def make_parser(description: str) -> argparse.ArgumentParser:
    """Checkpoint and how pictures are shown to the model."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", help="any ViT checkpoint: ours or public")
    parser.add_argument("--heads", type=int, help="attention heads of other widths")
    parser.add_argument(
        "--normalisation",
        choices=["imagenet", "half"],
        default="imagenet",
        help="half: 127.5 and 127.5, of fine-tuned PersonViT models [imagenet]",
    )
    parser.add_argument("--device", help="[the GPU when there is one]")
    return parser


def load(args: argparse.Namespace) -> PatchTokens:
    """The transformer of the command line."""
    half = args.normalisation == "half"
    mean = (127.5,) * 3 if half else IMAGENET_MEAN
    std = (127.5,) * 3 if half else IMAGENET_STD
    return PatchTokens(args.checkpoint, args.heads, mean, std, args.device)


def save(picture: np.ndarray, path: Path) -> None:
    """Write a BGR picture in one step, and say so."""
    with replace_when_done(path) as temporary:
        cv2.imwrite(str(temporary), picture)
    print(f"wrote {path}")
