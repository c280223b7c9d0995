"""Replace a gallery by a backup; who was removed for good stays removed."""

import argparse

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.actions.common import add_gallery, open_gallery, tell
from mmpsearch.gallery.file_store import FileStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery and the copy."""
    add_gallery(parser)
    parser.add_argument("backup", help="a copy of the gallery's file, made before")


def run(args: argparse.Namespace) -> int:
    """Put the copy in its place, without whoever is suppressed; the exit status."""
    with (
        open_gallery(args, True, new=True) as gallery,
        open_gallery(args, False, args.backup) as backup,
    ):
        stores = (gallery.store, backup.store)
        if not all(isinstance(store, FileStore) for store in stores):
            raise GalleryError(
                "restore is for gallery files; a .db folder is copied back, a server "
                "restored by its own means, and who was removed is dropped at opening"
            )
        gallery.store.replace_by(backup.store)
        tell(f"{len(gallery)} people in {gallery.store.location}")
    return 0
