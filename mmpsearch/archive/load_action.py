"""Add the people of other galleries, or of archives that mmpsearch extract made."""

import argparse

from mmpsearch.gallery.actions.common import add_gallery, open_gallery, tell
from mmpsearch.gallery.migration import load_into


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery and what is loaded into it."""
    add_gallery(parser)
    parser.add_argument("sources", nargs="+", help="galleries, or folders of archives")


def run(args: argparse.Namespace) -> int:
    """Load one source after the other."""
    # these take seconds, for which nobody who calls another action should wait
    from mmpsearch.archive.folder import Archive
    from mmpsearch.archive.loading import load_archive

    with open_gallery(args, write=True, new=True) as target:
        for location in args.sources:
            if Archive.is_one(location):
                added, waiting = load_archive(target, Archive(location))
                rest = f"; {waiting} files are not extracted yet" if waiting else ""
                tell(f"{added} people from {location}{rest}")
                continue
            with open_gallery(args, False, location) as source:
                tell(f"{load_into(target, source)} people from {location}")
    return 0
