"""Copy a gallery into a new one of another kind; called again, it goes on."""

import argparse

from mmpsearch.gallery.actions.common import (
    add_gallery,
    open_gallery,
    show_progress,
    tell,
)
from mmpsearch.gallery.migration import migrate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery and where it goes."""
    add_gallery(parser)
    parser.add_argument("target", help="a file, NAME.db or http(s)://HOST:PORT")


def run(args: argparse.Namespace) -> int:
    """Copy what is not there yet; the exit status."""
    with (
        open_gallery(args, write=False) as source,
        open_gallery(args, True, args.target, new=True) as target,
    ):
        count = migrate(source, target, tell=show_progress)
        tell(f"{count} people in {target.store.location}")
    return 0
