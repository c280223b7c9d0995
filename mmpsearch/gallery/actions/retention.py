"""Remove everybody who was seen too long ago; for a daily job."""

import argparse
import time

from mmpsearch.gallery.actions.common import add_gallery, open_gallery, tell
from mmpsearch.gallery.removal import keep_days


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery and the number of days."""
    add_gallery(parser)
    parser.add_argument("--days", type=_days, required=True, help="days to keep")


def run(args: argparse.Namespace) -> int:
    """Remove what is older; the exit status."""
    with open_gallery(args, write=True) as gallery:
        count = keep_days(gallery.store, args.days, time.time())
        if gallery.audit is not None:
            gallery.audit.write("retention", days=args.days, people=count)
    tell(f"{count} people removed that were seen over {args.days:g} days ago")
    return 0


def _days(text: str) -> float:
    days = float(text)
    if not 0 <= days < 1e6:
        raise argparse.ArgumentTypeError(f"{text}: not a number of days")
    return days
