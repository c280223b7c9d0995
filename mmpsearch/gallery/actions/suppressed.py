"""List who was removed for good."""

import argparse
import time

from mmpsearch.gallery.actions.common import add_gallery, open_gallery, tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery."""
    add_gallery(parser)


def run(args: argparse.Namespace) -> int:
    """Print who stays away, and why; the exit status."""
    with open_gallery(args, write=False) as gallery:
        for entry in gallery.suppressed:
            when = time.strftime("%Y-%m-%d", time.localtime(entry.when))
            reason = f"  ({entry.reason})" if entry.reason else ""
            tell(f"{entry.key}  {when}  {entry}{reason}")
    return 0
