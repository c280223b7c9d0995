"""Remove people for good: they do not come back when their files are indexed again."""

import argparse

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.actions.common import (
    add_gallery,
    add_people,
    open_gallery,
    people,
    tell,
)
from mmpsearch.gallery.known_cameras import require_cameras


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery and whom."""
    add_gallery(parser)
    who = add_people(parser)
    who.add_argument("--before", metavar="DATE", help="everybody seen before it")
    parser.add_argument(
        "--only-now", action="store_true", help="they may come back: no suppression"
    )


def run(args: argparse.Namespace) -> int:
    """Remove them for good; the exit status."""
    options = {"suppress": not args.only_now, "reason": args.reason}
    with open_gallery(args, write=True) as gallery:
        try:
            if args.before is not None:
                count = gallery.remove(before=args.before, **options)
            elif args.id is not None:
                count = gallery.remove(ids=args.id, **options)
            else:
                where = people(args)
                require_cameras(gallery.store, where.cameras or ())  # all or none
                named = [("path", p) for p in sorted(where.paths or ())]
                named += [("camera", c) for c in sorted(where.cameras or ())]
                count = sum(gallery.remove(**{k: v}, **options) for k, v in named)
        except KeyError as error:
            raise GalleryError(error.args[0]) from None
    tell(f"{count} people removed")
    return 0
