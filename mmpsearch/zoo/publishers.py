"""One way of downloading for each kind of publisher."""

import os
import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlparse

from mmpsearch.zoo import http
from mmpsearch.zoo.errors import DownloadError

OFFLINE = "MMPSEARCH_OFFLINE"
EXTRA = "pip install 'mmpsearch[zoo]'"
_PAGE = (b"<!doctype html", b"<html")


def download(
    url: str,
    part: Path,
    progress: http.Progress | None = None,
    checked_later: bool = False,
) -> None:
    """Write what an address offers to ``part``.

    Google Drive is asked through ``gdown``, Hugging Face through ``huggingface_hub``
    (which know logins and mirrors of their own), anything else directly.

    Args:
        url: as published; for a Drive also the page that shows the file.
        part: file to write; it may hold a beginning.
        progress: see `http.download`.
        checked_later: see `http.download`.

    Raises:
        DownloadError: naming the address and what to do.
    """
    address = urlparse(url)
    host = address.hostname or ""
    if os.environ.get(OFFLINE) and host not in ("127.0.0.1", "localhost"):
        raise DownloadError(f"{url}: not asked, {OFFLINE} is set")
    if host in ("drive.google.com", "docs.google.com"):
        from_drive(url, part)
    elif host in ("huggingface.co", "hf.co"):
        from_hugging_face(url, part)
    elif host == "pan.baidu.com":
        raise DownloadError(
            f"{url}: Baidu Netdisk has no direct download; fetch it by hand and give "
            "it with --from FILE"
        )
    elif address.scheme in ("http", "https"):
        http.download(url, part, progress, checked_later)
    else:
        raise DownloadError(f"{url}: {address.scheme}:// is not supported")


def drive_id(url: str) -> str:
    """The file that a Google Drive address means; ``""``: none."""
    address = urlparse(url)
    found = re.search(r"/d/([\w-]+)", address.path)
    return found[1] if found else parse_qs(address.query).get("id", [""])[0]


def from_drive(url: str, part: Path) -> None:
    """Download a file of Google Drive.

    Raises:
        DownloadError: ``gdown`` is not installed, or Drive does not hand it out.
    """
    try:
        import gdown
    except ImportError:
        raise DownloadError(
            f"{url}: Google Drive needs the package gdown: {EXTRA}; or download it by "
            "hand and give it with --from FILE"
        ) from None
    try:
        written = gdown.download(id=drive_id(url), output=str(part), quiet=True)
    except Exception as error:  # its own kinds, and those of requests
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise DownloadError(
            f"{url}: Google Drive did not hand out the file: {reason}. Download it by "
            "hand and give it with --from FILE"
        ) from None
    if not written or not part.is_file():
        raise DownloadError(f"{url}: Google Drive did not hand out the file")
    with part.open("rb") as stream:
        if stream.read(64).lstrip()[:15].lower().startswith(_PAGE):
            part.unlink()
            raise DownloadError(
                f"{url}: Google Drive sent a page instead of the file (often: too many "
                "downloads today); try later, or give it with --from FILE"
            )


def from_hugging_face(url: str, part: Path) -> None:
    """Download a file of a Hugging Face repository.

    Raises:
        DownloadError: ``huggingface_hub`` is not installed, or there is no such file.
    """
    try:
        import huggingface_hub
    except ImportError:
        raise DownloadError(
            f"{url}: Hugging Face needs the package huggingface_hub: {EXTRA}; or "
            "download it by hand and give it with --from FILE"
        ) from None
    found = re.fullmatch(
        r"/([^/]+/[^/]+)/(?:resolve|blob)/([^/]+)/(.+)", unquote(urlparse(url).path)
    )
    if not found:
        raise DownloadError(
            f"{url}: is not like https://huggingface.co/OWNER/NAME/resolve/main/FILE"
        )
    repository, revision, name = found.groups()
    folder = part.with_name(part.name + ".hf")  # the library resumes in there
    try:
        written = huggingface_hub.hf_hub_download(
            repository, name, revision=revision, local_dir=folder
        )
    except Exception as error:  # its own kinds, and those of its HTTP library
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise DownloadError(
            f"{url}: Hugging Face did not hand out the file: {reason}"
        ) from None
    Path(written).replace(part)
    shutil.rmtree(folder, ignore_errors=True)
