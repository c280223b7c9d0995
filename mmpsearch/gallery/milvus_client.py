"""Connections to Milvus: an embedded file, a server, a cluster."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from mmpsearch.errors import GalleryError

_LOG = logging.getLogger(__name__)
# Embedded servers of this process: path -> galleries that use them.
_OPENED: Counter[str] = Counter()
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def connect(
    location: str,
    token: str | None = None,
    server_ca: str | None = None,
    client_certificate: str | None = None,
    client_key: str | None = None,
    database: str = "",
    timeout: float = 30.0,
):
    """Open a client of pymilvus.

    Args:
        location: A file name, or ``http://`` or ``https://`` with host and port.
        token: ``user:password`` or an API key.
        server_ca: File with the certificate of who signed the server's.
        client_certificate: File with this client's certificate (mutual TLS).
        client_key: Its key.
        database: Name of a database on the server.
        timeout: Seconds to wait for the server.

    Returns:
        The client, and the location without credentials, for messages.

    Raises:
        GalleryError: No server answers, it refuses the token, or another process uses
            the file.
        ImportError: pymilvus or milvus-lite are missing; the message names the extra.
    """
    try:
        from pymilvus import MilvusClient
    except ImportError as error:
        raise ImportError(
            f"Milvus galleries need pymilvus ({error}): pip install 'mmpsearch[milvus]'"
        ) from error
    # it prints calls with all their arguments; errors are told by what is raised here
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    if "://" not in location:
        return _open_file(MilvusClient, location), os.path.abspath(location)
    parts = urlsplit(location)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise GalleryError(
            "a Milvus server is named http://HOST:PORT or https://HOST:PORT"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown = f"{parts.scheme}://{host}:{parts.port or 19530}"
    if token is None and parts.username is not None:
        token = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    if token and parts.scheme == "http" and parts.hostname not in LOOPBACK:
        _LOG.warning(
            "the token travels to %s unencrypted; use https:// where others can listen",
            shown,
        )
    options = {
        "token": token or "",
        "db_name": database,
        "timeout": timeout,
        "ca_pem_path": server_ca or "",
        "client_pem_path": client_certificate or "",
        "client_key_path": client_key or "",
    }
    for name in ("ca_pem_path", "client_pem_path", "client_key_path"):
        if options[name] and not os.path.isfile(options[name]):
            raise GalleryError(f"there is no certificate file {options[name]}")
    if parts.scheme == "https":
        options["secure"] = True
    with milvus_errors(shown, (token,)):
        return MilvusClient(uri=shown, **options), shown


def _open_file(client_class: type, location: str):
    try:
        import milvus_lite  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"galleries in a .db file need milvus-lite ({error}): pip install "
            "'mmpsearch[milvus]'"
        ) from error
    path = os.path.abspath(location)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.isfile(path):
        raise GalleryError(
            f"{location} is a file; a Milvus Lite gallery is, since version 3, a "
            "folder whose name ends with .db"
        )
    with milvus_errors(path):
        client = client_class(path)
    _OPENED[path] += 1
    return client


def disconnect(client, location: str) -> None:
    """Close a client; the last one of a file lets other processes have it.

    Args:
        client: From ``connect``.
        location: As ``connect`` gave it.
    """
    client.close()
    if "://" in location:
        return
    _OPENED[location] -= 1
    if _OPENED[location] <= 0:
        from milvus_lite.server_manager import server_manager_instance

        server_manager_instance.release_server(location)


@contextmanager
def milvus_errors(
    location: str, secrets: tuple[str | None, ...] = ()
) -> Iterator[None]:
    """Turn what Milvus raises into one sentence without credentials."""
    from grpc import RpcError
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except (MilvusException, RpcError) as error:
        details = getattr(error, "details", None)
        text = getattr(error, "message", None) or (details and details()) or str(error)
        for secret in secrets:
            if secret:
                text = text.replace(secret, "***")
        if "Open local milvus failed" in text or "lock" in text.lower():
            text = f"another process may be using it ({text})"
        first = text.strip().splitlines()[0] if text.strip() else type(error).__name__
        raise GalleryError(f"the Milvus gallery {location}: {first}") from None
