"""Write the gallery anew, without the room of what was removed."""

import argparse

from mmpsearch.gallery.actions.common import add_gallery, open_gallery, tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery."""
    add_gallery(parser)


def run(args: argparse.Namespace) -> int:
    """Compact it; the exit status."""
    with open_gallery(args, write=True) as gallery:
        gallery.store.compact()
        tell(f"{len(gallery)} people in {gallery.store.location}")
    return 0
