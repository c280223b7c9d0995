"""Options about galleries that command lines share."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.filters import Where, where
from mmpsearch.gallery.gallery import Gallery, is_milvus
from mmpsearch.gallery.gallery_index import GalleryIndex
from mmpsearch.gallery.known_cameras import require_cameras
from mmpsearch.utils.number_ranges import a_count, a_score, a_similarity

TOKEN_VARIABLE = "MMPSEARCH_MILVUS_TOKEN"


def add_gallery_arguments(parser: argparse.ArgumentParser) -> None:
    """Which gallery, and how it is reached."""
    group = parser.add_argument_group(
        "gallery",
        f"A server's token is read from the environment variable {TOKEN_VARIABLE}.",
    )
    add = group.add_argument
    add(
        "--index",
        help="gallery that is kept: a file, or NAME.db, http://HOST:19530 (Milvus); "
        "used when it exists, then written",
    )
    add_connection_arguments(group)


def add_connection_arguments(group: argparse._ActionsContainer) -> None:
    """How a gallery is reached, and whether its use is taken down."""
    add = group.add_argument
    add("--collection", help="of Milvus: name of the gallery on the server (people)")
    add("--tls-ca", metavar="FILE", help="of Milvus: certificate of who signed it")
    add("--tls-cert", metavar="FILE", help="of Milvus: certificate of this client")
    add("--tls-key", metavar="FILE", help="of Milvus: its key")
    add("--audit", metavar="FILE", help="take down who searched what, and when")


def add_search_arguments(parser: argparse.ArgumentParser) -> None:
    """Whom a search looks at, and how much it says."""
    group = parser.add_argument_group("search")
    add = group.add_argument
    add("--top-k", type=a_count, default=12, help="people to list (12)")
    add(
        "--threshold",
        type=a_similarity,
        help="similarity from which it is the same person",
    )
    add("--camera", nargs="+", metavar="NAME", help="look at these cameras only")
    add(
        "--since",
        metavar="TIME",
        help="2026-11-29, 2026-11-29T08:30, or 1:30 in the video",
    )
    add("--until", metavar="TIME", help="as --since; a date is meant to its end")
    add(
        "--one-per",
        choices=("image", "track", "person"),
        help="best match of each picture, of each track (where the gallery holds "
        "tracks), or every person",
    )
    add(
        "--combine",
        choices=("mean", "max"),
        default="mean",
        help="several query pictures: their mean, or the most similar one",
    )
    add(
        "--scene-filter",
        action="store_true",
        help="weight similarities by which scenes can hold the person, as a model with "
        "a gallery filter network knows; needs --query",
    )
    add(
        "--scene-threshold",
        type=a_score,
        metavar="SCORE",
        help="and leave out scenes below this score (0.27 to 0.73)",
    )
    add(
        "--scene-first",
        action="store_true",
        help="and do not even look for people there: sooner, for this search alone",
    )


def search_options(args: argparse.Namespace, gallery: Gallery | None = None) -> dict:
    """The options as ``search_person`` takes them.

    Args:
        args: With the options of ``add_search_arguments``.
        gallery: What is searched; one that holds tracks gives one match per track,
            unless the options say otherwise.

    Raises:
        GalleryError: A time that cannot be read, or a camera that the gallery does
            not know.
    """
    if gallery is not None:
        require_cameras(gallery.store, args.camera or ())
    tracks = gallery is not None and bool(gallery.settings.get("tracks"))
    one_per = args.one_per or ("track" if tracks else "image")
    return {
        "top_k": args.top_k,
        "threshold": args.threshold,
        "where": read_where(args),
        "one_per_image": one_per == "image",
        "one_per": "track" if one_per == "track" else None,
        "combine": args.combine,
    }


def read_where(args: argparse.Namespace) -> Where:
    """Cameras and times of the command line.

    Raises:
        GalleryError: A time that cannot be read.
    """
    return where(args.camera, args.since, args.until)


@contextmanager
def opened_gallery(args: argparse.Namespace, write: bool) -> Iterator[Gallery]:
    """The gallery of ``--index``; without, one in memory that is not kept.

    What was added is kept whatever ends the work.

    Args:
        args: With the options of ``add_gallery_arguments``.
        write: It is going to be changed.

    Raises:
        GalleryError: It cannot be opened, or another process writes it.
    """
    if not args.index:
        yield GalleryIndex()
        return
    with Gallery.open(
        args.index, write, audit=args.audit, **milvus_options(args, args.index)
    ) as gallery:
        yield gallery


def milvus_options(args: argparse.Namespace, location: str) -> dict:
    """Options of Milvus that were given; the token comes from the environment.

    Raises:
        GalleryError: Options of Milvus for a gallery that is a file.
    """
    names = {
        "collection": args.collection,
        "server_ca": args.tls_ca,
        "client_certificate": args.tls_cert,
        "client_key": args.tls_key,
    }
    given = {name: value for name, value in names.items() if value is not None}
    if not is_milvus(location):
        if given:
            raise GalleryError(
                "--collection and --tls-... belong to Milvus galleries, and "
                f"{location} is a file"
            )
        return {}
    if "://" in location and os.environ.get(TOKEN_VARIABLE):
        given["token"] = os.environ[TOKEN_VARIABLE]
    return given


def gallery_exists(location: str | None) -> bool:
    """Whether there may be a gallery; of a server only it knows."""
    return bool(location) and ("://" in location or os.path.exists(location))
