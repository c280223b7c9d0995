"""The command line of the page."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path

from mmpsearch.apis.model_arguments import add_model_arguments, load_from_arguments
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.app.launch import PORT, Address, launch
from mmpsearch.app.media import MediaRoots, folders_of
from mmpsearch.app.service import SearchService
from mmpsearch.app.token_door import read_token
from mmpsearch.app.uploads import UploadLimits
from mmpsearch.app.users import add_user, read_users
from mmpsearch.errors import GalleryError, InputError
from mmpsearch.gallery.gallery import Gallery, is_milvus
from mmpsearch.gallery.options import add_connection_arguments, milvus_options
from mmpsearch.utils.terminal import printable

PASSWORD_VARIABLE = "MMPSEARCH_APP_PASSWORD"


def add_app_arguments(parser: argparse.ArgumentParser) -> None:
    """What is searched, what may be shown, and to whom."""
    add_model_arguments(parser)
    group = parser.add_argument_group("gallery")
    add = group.add_argument
    add("--gallery", help="a file, NAME.db or http(s)://HOST:PORT; made when missing")
    add(
        "--media",
        nargs="+",
        metavar="FOLDER",
        help="folders that the page may show and add from; without, those of the "
        "files that the gallery holds",
    )
    add(
        "--tracks",
        metavar="FOLDER",
        help="of tracks to be labelled; filled on the page",
    )
    add("--read-only", action="store_true", help="the gallery is only searched")
    add_connection_arguments(group)
    group = parser.add_argument_group("page")
    add = group.add_argument
    add("--host", default="127.0.0.1", help="address to serve at (127.0.0.1)")
    add("--port", type=int, default=PORT, help=f"({PORT})")
    add(
        "--users",
        metavar="FILE",
        help="who may log in; other addresses need it, or a token",
    )
    add(
        "--token-file",
        metavar="FILE",
        help="a token in place of users; the file is made when missing",
    )
    add("--add-user", metavar="NAME", help="write a user into --users, and end")
    add("--https-cert", metavar="FILE", help="certificate, for https")
    add("--https-key", metavar="FILE", help="its key")
    add("--state", metavar="FOLDER", help="of the page (GALLERY.app)")
    add("--max-upload", type=float, default=200.0, metavar="MB", help="(200)")
    add("--max-megapixels", type=float, default=64.0, help="of an upload (64)")


def run_app(
    args: argparse.Namespace,
    load: Callable[[argparse.Namespace], SceneInferencer] = load_from_arguments,
) -> int:
    """Serve the page until it is interrupted.

    Args:
        args: With the arguments of ``add_app_arguments``.
        load: Loads the model.

    Raises:
        UserError: Something given is missing or does not fit.
    """
    if args.add_user:
        return _add_user(args)
    if not args.gallery:
        raise InputError("give --gallery: a file, NAME.db or http(s)://HOST:PORT")
    address = Address(
        args.host,
        args.port,
        read_users(args.users) if args.users else None,
        args.https_cert,
        args.https_key,
        read_token(args.token_file) if args.token_file else None,
    )
    service = make_service(args, load(args))
    try:
        if not address.local and not address.certificate:
            _tell("warning: logins and pictures travel unencrypted: --https-cert")
        page, url = launch(service, address, block=False)
        _tell(f"the page is at {url}  (end it with Ctrl+C)")
        page.block_thread()
    finally:
        service.close()
    return 0


def make_service(args: argparse.Namespace, inferencer: SceneInferencer):
    """Open the gallery, and put all together.

    A gallery that another process writes is searched, and said to be read only.
    """
    gallery, writable = _open(args)
    if args.media is None:
        media = MediaRoots(folders_of(gallery.files))
    else:
        missing = [folder for folder in args.media if not os.path.isdir(folder)]
        if missing:
            raise InputError(f"--media {missing[0]}: there is no such folder")
        media = MediaRoots(args.media)
    if not media.folders:
        _tell("warning: no folder may be shown or added: --media FOLDER")
    return SearchService(
        inferencer,
        gallery,
        media,
        Path(args.state or default_state(args.gallery)),
        UploadLimits(args.max_upload, args.max_megapixels),
        writable,
        _name(args),
        None if args.tracks is None else Path(args.tracks),
    )


def _name(args: argparse.Namespace) -> str | None:
    """The model's name in the catalogue, where it may have one."""
    if args.model:
        return args.model
    return f"{args.detector}+{args.embedder}" if args.detector else None


def default_state(gallery: str) -> str:
    """The page's folder beside the gallery; of a server's here."""
    return "mmpsearch.app" if "://" in gallery else f"{gallery}.app"


def _open(args: argparse.Namespace) -> tuple[Gallery, bool]:
    options = milvus_options(args, args.gallery)
    if args.read_only:
        return Gallery.open(args.gallery, False, audit=args.audit, **options), False
    try:
        return Gallery.open(args.gallery, True, audit=args.audit, **options), True
    except GalleryError as error:
        if is_milvus(args.gallery) or "another process" not in str(error):
            raise
        _tell(f"warning: {error}; the page only reads it")
        return Gallery.open(args.gallery, False, audit=args.audit), False


def _add_user(args: argparse.Namespace) -> int:
    if not args.users:
        raise InputError("--add-user: name the file of users with --users")
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None:
        password = getpass.getpass(f"password of {args.add_user}: ")
    add_user(args.users, args.add_user, password)
    _tell(f"{args.users}: {args.add_user} may log in")
    return 0


def _tell(text: str) -> None:
    print(printable(text), file=sys.stderr, flush=True)
