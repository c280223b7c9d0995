"""Remove people for good, with the reports of searches that show them."""

import argparse

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.actions.common import (
    add_gallery,
    add_people,
    open_gallery,
    people,
    tell,
)
from mmpsearch.gallery.forgetting import forget


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery, whom, and further folders of reports."""
    add_gallery(parser)
    add_people(parser)
    parser.add_argument(
        "--reports", nargs="+", default=[], metavar="FOLDER", help="also look here"
    )


def run(args: argparse.Namespace) -> int:
    """Forget them, and say what could not be known of; the exit status."""
    with open_gallery(args, write=True) as gallery:
        forgotten = forget(gallery, people(args), args.reports, args.reason)
    if args.id is not None and not forgotten.people:
        raise GalleryError(f"the gallery holds nobody with id {args.id}")
    tell(forgotten)
    return 0
