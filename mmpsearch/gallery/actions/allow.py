"""Let come back what was removed for good, when it is indexed again."""

import argparse

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.actions.common import add_gallery, open_gallery, tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery and the suppressions' keys."""
    add_gallery(parser)
    parser.add_argument(
        "keys", nargs="+", help="from mmpsearch gallery suppressed; or 'all'"
    )


def run(args: argparse.Namespace) -> int:
    """Lift them; the exit status."""
    with open_gallery(args, write=True) as gallery:
        known = [entry.key for entry in gallery.suppressed]
        keys = known if args.keys == ["all"] else args.keys
        unknown = sorted(set(keys) - set(known))
        if unknown:
            raise GalleryError(f"nothing is suppressed under {', '.join(unknown)}")
        tell(f"{gallery.allow_again(keys)} suppressions lifted")
    return 0
