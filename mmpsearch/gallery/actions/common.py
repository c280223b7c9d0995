"""What the actions' command lines share."""

from __future__ import annotations

import argparse
import os
import sys

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.options import (
    add_connection_arguments,
    gallery_exists,
    milvus_options,
)
from mmpsearch.gallery.records import camera_name
from mmpsearch.utils.terminal import printable


def add_gallery(parser: argparse.ArgumentParser) -> None:
    """The gallery that is meant, and how it is reached."""
    parser.add_argument("gallery", help="a file, NAME.db or http(s)://HOST:PORT")
    add_connection_arguments(parser)


def add_people(parser: argparse.ArgumentParser) -> argparse._ActionsContainer:
    """Whom to remove, as one of several ways, to which others can be added."""
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--id", type=int, nargs="+", help="people, by their numbers")
    who.add_argument("--file", nargs="+", help="everybody in these files")
    who.add_argument("--camera", nargs="+", help="everybody of these cameras")
    parser.add_argument("--reason", default="", help="kept in the list")
    return who


def people(args: argparse.Namespace) -> Where:
    """Whom ``add_people`` names."""
    if args.id is not None:
        return Where(ids=np.array(args.id, np.int64))
    if args.file is not None:
        return Where(paths=frozenset(map(os.path.abspath, args.file)))
    return Where(cameras=frozenset(map(camera_name, args.camera)))


def open_gallery(
    args: argparse.Namespace,
    write: bool,
    location: str | None = None,
    new: bool = False,
) -> Gallery:
    """The gallery of the command line.

    Args:
        args: With what ``add_gallery`` adds.
        write: It is going to be changed.
        location: Another one.
        new: It need not exist.

    Raises:
        GalleryError: There is none, or it cannot be opened.
    """
    location = location or args.gallery
    if not new and not gallery_exists(location):
        raise GalleryError(f"there is no gallery {location}")
    options = milvus_options(args, location)
    return Gallery.open(location, write, audit=args.audit, **options)


def tell(text: object) -> None:
    """Print, with names of files and cameras made harmless."""
    print(printable(str(text)))


def show_progress(done: int, total: int) -> None:
    """One line that is written over, on a terminal only."""
    if sys.stderr.isatty():
        end = "\n" if done >= total else "\r"
        print(f"{done} of {total} people", end=end, file=sys.stderr, flush=True)
