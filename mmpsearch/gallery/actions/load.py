"""Add other galleries' people, as when a day is added to a year."""

import argparse

from mmpsearch.gallery.actions.common import add_gallery, open_gallery, tell
from mmpsearch.gallery.migration import load_into


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_gallery(parser)
    parser.add_argument("sources", nargs="+", help="galleries to add")


def run(args: argparse.Namespace) -> int:
    with open_gallery(args, write=True, new=True) as target:
        for location in args.sources:
            with open_gallery(args, False, location) as source:
                tell(f"{load_into(target, source)} people from {location}")
    return 0
