"""What stands before the page's server: closed doors, known hosts, headers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection
from urllib.parse import unquote, urlsplit

# Gradio's ways to files, other addresses and other programs. Pictures travel inside
# the page here, so none of them is needed, and none can be talked into anything.
CLOSED = re.compile(
    r"(?:^|/)(?:file[=/]|file$|proxy=|stream/|deep_link|custom_component/|dev/|"
    r"monitoring|svelte/|component_server|process_recording|vibe|mcp)"
)
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (
        b"content-security-policy",
        # Gradio's templates are compiled in the browser and its styles are inline
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
        b"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        b"media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' "
        b"data: blob:; worker-src 'self' blob:; frame-ancestors 'self'; "
        b"object-src 'none'; base-uri 'self'; form-action 'self'",
    ),
)


class Gate:
    """ASGI middleware.

    Args:
        app: What it stands before.
        hosts: Names under which the page may be called, without ports; empty: any.
            On the own machine this keeps other pages, whose name was made to lead
            here (DNS rebinding), from reading it.

    Requests that a browser makes for another page (``Origin``) are turned down too.
    """

    def __init__(self, app: Callable, hosts: Collection[str] = ()) -> None:
        self.app, self.hosts = app, frozenset(hosts)

    async def __call__(
        self, scope: dict, receive: Callable, send: Callable[[dict], Awaitable[None]]
    ) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        reason = self.refuses(scope)
        if reason:
            await _refuse(send, reason, scope["type"])
            return

        async def with_headers(message: dict) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *HEADERS]}
            await send(message)

        await self.app(scope, receive, with_headers)

    def refuses(self, scope: dict) -> str:
        """Why a request is turned down; ``""``: it is not."""
        path = scope["path"]
        for _ in range(3):  # encoded once, or once more
            if CLOSED.search(path) or ".." in path.split("/") or "\\" in path:
                return "this page serves no files"
            path = unquote(path)
        headers = {key: value.decode("latin-1") for key, value in scope["headers"]}
        host = headers.get(b"host", "")
        origin = headers.get(b"origin")
        asked = (host, headers.get(b"x-forwarded-host"))  # the latter of a proxy
        if origin is not None and urlsplit(origin).netloc not in asked:
            return "another page may not use this one"
        if not self.hosts:
            return ""
        name = re.sub(r":\d+$", "", host).strip("[]").lower()
        return "" if name in self.hosts else "the page is not known under this name"


async def _refuse(send: Callable, reason: str, kind: str) -> None:
    if kind == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *HEADERS]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})
