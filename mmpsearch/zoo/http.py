"""Download over HTTP: go on after a cut, and never take a page for a file."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mmpsearch.version import __version__
from mmpsearch.zoo.errors import DownloadError

Progress = Callable[[int, int | None], None]
ATTEMPTS = 3
TIMEOUT = 30.0  # seconds without a byte
PAUSE = 0.5  # seconds before another attempt, doubled each time
_CHUNK = 1 << 18
_PAGE = (b"<!doctype html", b"<html")


class NotThereError(DownloadError):
    """The server has no such file."""


def download(
    url: str,
    part: Path,
    progress: Progress | None = None,
    checked_later: bool = False,
) -> None:
    """Write the content of ``url`` to ``part``, going on where it ends.

    Beside ``part`` lies the version tag of what was begun (``.tag``): a file that the
    publisher replaced meanwhile is started anew. Redirects are followed.

    Args:
        url: ``http://`` or ``https://``.
        part: file that may hold the beginning; whole when this returns.
        progress: called with bytes so far and in all (None: not known).
        checked_later: the caller knows a digest, so that a server without version tags
            can be trusted to go on with the same file.

    Raises:
        NotThereError: status 404 or 410.
        DownloadError: another refusal, a page instead of a file, no connection, or a
            connection that was cut off again and again. What came is kept in ``part``.
    """
    reason = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE * 2 ** (attempt - 1))
        try:
            if _fetch(url, part, progress, checked_later):
                return
            reason = "the connection was cut off"
        except urllib.error.HTTPError as error:
            _refuse(url, part, error)
            reason = f"the server answered {error.code} {error.reason}"
        except urllib.error.URLError as error:
            reason = f"no connection: {error.reason}"
        except (http.client.HTTPException, OSError) as error:
            reason = f"the connection was cut off ({type(error).__name__})"
    so_far = part.stat().st_size if part.exists() else 0
    kept = f"; {so_far} bytes are kept: the same command goes on" if so_far else ""
    raise DownloadError(f"{url}: {reason}, {ATTEMPTS} times{kept}")


def head(url: str, page_is_fine: bool = False) -> tuple[int | None, str]:
    """Size and kind of what an address offers, without its content.

    Args:
        url: ``http://`` or ``https://``.
        page_is_fine: a web page is what the address is known to show.

    Raises:
        DownloadError: there is no file, or a page.
    """
    request = urllib.request.Request(url, method="HEAD", headers=_headers())
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            kind = answer.headers.get_content_type()
            size = answer.headers.get("Content-Length")
    except urllib.error.HTTPError as error:
        raise DownloadError(
            f"{url}: the server answered {error.code} {error.reason}"
        ) from None
    except (OSError, http.client.HTTPException) as error:
        raise DownloadError(f"{url}: no connection: {error}") from None
    if kind == "text/html":
        if page_is_fine:
            return None, kind
        raise _page(url)
    return int(size) if size else None, kind


def _fetch(
    url: str, part: Path, progress: Progress | None, checked_later: bool
) -> bool:
    """One attempt; False where it ended early."""
    tag = _read_tag(part)
    known = bool(tag) or (tag is not None and checked_later)
    start = part.stat().st_size if part.exists() and known else 0
    headers = _headers()
    if start:
        headers["Range"] = f"bytes={start}-"
        if tag:
            headers["If-Range"] = tag
    request = urllib.request.Request(url, headers=headers)
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 416 and start:  # nothing is left, or the file got shorter
            total = error.headers.get("Content-Range", "").rpartition("/")[2]
            if total == str(start):
                return True
            _forget(part)
        raise
    with answer:
        if answer.headers.get_content_type() == "text/html":
            raise _page(url)
        if start and not _goes_on(answer, start):
            start = 0
        length = answer.headers.get("Content-Length")
        total = start + int(length) if length is not None else None
        _write_tag(part, answer)
        with part.open("r+b" if start else "wb") as stream:
            stream.seek(start)
            stream.truncate()
            if not _copy(url, answer, stream, start, total, progress):
                return False
    return total is None or part.stat().st_size == total


def _copy(url, answer, stream, start, total, progress) -> bool:
    done = start
    while True:
        try:
            chunk = answer.read(_CHUNK)
        except http.client.IncompleteRead as error:
            stream.write(error.partial)
            return False
        if not chunk:
            return True
        if done == 0 and chunk.lstrip()[:15].lower().startswith(_PAGE):
            stream.truncate(0)
            raise _page(url)
        stream.write(chunk)
        done += len(chunk)
        if progress:
            progress(done, total)


def _goes_on(answer, start: int) -> bool:
    """Whether the server sends the rest, and not the whole file again."""
    position = answer.headers.get("Content-Range", "")
    return answer.status == 206 and position.startswith(f"bytes {start}-")


def _refuse(url: str, part: Path, error: urllib.error.HTTPError) -> None:
    """Raise where another attempt is pointless."""
    if error.code in (404, 410):
        raise NotThereError(
            f"{url}: the server answered {error.code} {error.reason}: the file is no "
            "longer there"
        ) from None
    if error.code in (401, 403):
        raise DownloadError(
            f"{url}: the server answered {error.code} {error.reason}: the file needs "
            "a login; download it by hand and give it with --from FILE"
        ) from None
    if 300 <= error.code < 400:  # urllib follows redirects, but not in circles
        reason = " ".join(str(error.reason).split())
        raise DownloadError(f"{url}: redirected without an end: {reason}") from None
    if error.code < 500 and error.code not in (408, 416, 429):
        raise DownloadError(
            f"{url}: the server answered {error.code} {error.reason}"
        ) from None


def _page(url: str) -> DownloadError:
    return DownloadError(
        f"{url}: a web page came instead of the file: it has moved, or wants a login "
        "or a click; download it by hand and give it with --from FILE"
    )


def _headers() -> dict[str, str]:
    # compressed answers could not be resumed by byte
    return {"User-Agent": f"mmpsearch/{__version__}", "Accept-Encoding": "identity"}


def _tag_file(part: Path) -> Path:
    return part.with_name(part.name + ".tag")


def _read_tag(part: Path) -> str | None:
    """Version tag of what was begun; None: it is not known whose beginning it is."""
    with suppress(OSError, ValueError):
        return str(json.loads(_tag_file(part).read_text())["tag"])
    return None


def _write_tag(part: Path, answer) -> None:
    tag = answer.headers.get("ETag") or ""
    if tag.startswith("W/"):  # equal in meaning, not byte for byte
        tag = ""
    tag = tag or answer.headers.get("Last-Modified") or ""
    _tag_file(part).write_text(json.dumps({"tag": tag}))


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _tag_file(part).unlink(missing_ok=True)
