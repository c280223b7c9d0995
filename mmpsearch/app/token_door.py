"""A token in place of users: whoever has it may use the page, by browser or program."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs

from mmpsearch.app.users import PAUSE
from mmpsearch.errors import InputError

FEWEST = 16  # characters
COOKIE, LOGIN = "mmpsearch_page", "/login"
STARTED = "/gradio_api/startup-events"  # the server calls it itself; it tells nothing
LONGEST = 4096  # bytes of a filled form
# With the referrer, the form is sent with the page's own Origin, and not with "null".
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Person search: log in</title>
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="same-origin"><link rel="icon" href="data:,">
<style>:root {{ color-scheme: light dark; font: 1rem system-ui, sans-serif; }}
form {{ max-width: 22rem; margin: 15vh auto; padding: 0 1rem; }}
input, button {{ font: inherit; width: 100%; box-sizing: border-box; padding: .5rem;
margin: .4rem 0; }}</style></head>
<body><form method="post" action="login"><h1>Person search</h1>{said}
<label>Token <input type="password" name="token" required autofocus
autocomplete="current-password"></label><button>Log in</button></form></body></html>
"""
WRONG = '<p role="alert">This is not the token.</p>'


class TokenDoor:
    """ASGI middleware: asks for a token.

    Programs send ``Authorization: Bearer TOKEN`` with every request. A browser fills
    in a form, and gets a cookie, made from the token, that lives until it is closed.
    The token itself is never part of an address.

    Args:
        app: What it stands before.
        token: See ``read_token``.
    """

    def __init__(self, app: Callable, token: str) -> None:
        self.app, self._token = app, _digest(token)
        key = token.encode()
        self._cookie = hmac.new(key, COOKIE.encode(), hashlib.sha256).hexdigest()
        self._guesses = asyncio.Lock()

    async def __call__(
        self, scope: dict, receive: Callable, send: Callable[[dict], Awaitable[None]]
    ) -> None:
        kind = scope["type"]
        if kind not in ("http", "websocket") or scope["path"] == STARTED:
            await self.app(scope, receive, send)
        elif kind == "http" and _asks(scope, "POST") and scope["path"] == LOGIN:
            await self._log_in(scope, receive, send)
        elif self._knows(scope):
            await self.app(scope, receive, send)
        elif kind == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif b"authorization" in dict(scope["headers"]):
            await self._wait()
            await _answer(send, 401, "this is not the token")
        elif _asks(scope, "GET") and b"text/html" in _header(scope, b"accept"):
            await _answer(send, 200, PAGE.format(said=""))
        else:
            await _answer(send, 401, "send Authorization: Bearer TOKEN")

    def _knows(self, scope: dict) -> bool:
        kind, _, token = (
            _header(scope, b"authorization").decode("latin-1").partition(" ")
        )
        if kind.lower() == "bearer" and self.right(token.strip()):
            return True
        try:
            cookies = SimpleCookie(_header(scope, b"cookie").decode("latin-1"))
        except CookieError:
            return False
        known = cookies[COOKIE].value if COOKIE in cookies else ""
        return hmac.compare_digest(known.encode(), self._cookie.encode())

    def right(self, token: str) -> bool:
        """Whether it is the token; takes as long for any that is not."""
        return hmac.compare_digest(_digest(token), self._token)

    async def _log_in(self, scope: dict, receive: Callable, send: Callable) -> None:
        form = parse_qs((await _body(receive)).decode("utf-8", "replace"))
        if not self.right(form.get("token", [""])[0]):
            await self._wait()
            await _answer(send, 401, PAGE.format(said=WRONG))
            return
        cookie = f"{COOKIE}={self._cookie}; Path=/; HttpOnly; SameSite=Lax"
        if scope.get("scheme") == "https":
            cookie += "; Secure"
        await _answer(
            send, 303, "", (b"location", b"./"), (b"set-cookie", cookie.encode())
        )

    async def _wait(self) -> None:
        """One wrong guess a second, while everybody else is served."""
        async with self._guesses:
            await asyncio.sleep(PAUSE)


def read_token(path: str | os.PathLike) -> str:
    """The token of a file, which is made, with one that nobody can guess, when missing.

    Raises:
        InputError: It cannot be read or written, or the token is too short.
    """
    path = Path(path)
    try:
        if not path.exists():
            with open(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
            ) as file:
                file.write(secrets.token_urlsafe(32) + "\n")
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--token-file {path}: {error}") from error
    if len(token) < FEWEST or not re.fullmatch(r"[!-~]+", token):
        raise InputError(
            f"--token-file {path}: a token is a word of {FEWEST} characters or more; "
            "without the file one is made"
        )
    return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _asks(scope: dict, method: str) -> bool:
    return scope["type"] == "http" and scope["method"] == method


def _header(scope: dict, name: bytes) -> bytes:
    return dict(scope["headers"]).get(name, b"")


async def _body(receive: Callable) -> bytes:
    content, more = b"", True
    while more and len(content) <= LONGEST:
        message = await receive()
        content += message.get("body", b"")
        more = message.get("more_body", False)
    return content[:LONGEST]


async def _answer(send: Callable, status: int, text: str, *headers: tuple) -> None:
    kind = b"text/html" if text.startswith("<") else b"text/plain"
    headers = [(b"content-type", kind + b"; charset=utf-8"), *headers]
    headers.append((b"cache-control", b"no-store"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
