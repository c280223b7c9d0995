"""Digests of files: the publisher's, and those of first downloads.

Every file that was checked leaves a small record. Where a publisher gives no digest,
the record keeps that of the first download, and later downloads are held to it.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.zoo.entry import WeightFile
from mmpsearch.zoo.errors import DownloadError
from mmpsearch.zoo.places import records

_CHUNK = 1 << 20


def file_digest(path: Path, algorithm: str = "sha256") -> str:
    """Hexadecimal digest of a file's content."""
    digest = hashlib.new(algorithm)
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def require_digest(path: Path, file: WeightFile, source: str) -> None:
    """Hold a file to the publisher's size and digest, or to the first download's.

    Args:
        path: where the content lies, under whatever name.
        file: what it should be.
        source: where it came from, for messages.

    Raises:
        DownloadError: it is another file.
    """
    size = path.stat().st_size
    if file.size is not None and size != file.size:
        raise DownloadError(
            f"{file.name}: {source} gives {size} bytes, the catalogue says {file.size}:"
            f" it is not the file that was meant. {_remedy(file)}"
        )
    if file.digest:
        algorithm, _, wanted = file.digest.partition(":")
        found = file_digest(path, algorithm)
        if not found.startswith(wanted):
            raise DownloadError(
                f"{file.name}: {source} has the wrong digest, {algorithm} {found[:16]}…"
                f" instead of {wanted[:16]}…: it was damaged or replaced. "
                f"{_remedy(file)}"
            )
        return
    first = read_record(file)
    if first and first["url"] == file.url:
        found = file_digest(path)
        if found != first["sha256"]:
            raise DownloadError(
                f"{file.name}: {source} differs from the first download of this "
                f"address, sha256 {found[:16]}… instead of {first['sha256'][:16]}…. If "
                f"the publisher changed it and you trust that, delete "
                f"{record_file(file)}"
            )


def keep_record(path: Path, file: WeightFile) -> None:
    """Note that a file in its place was checked, and the digest it has."""
    state = path.stat()
    content = {
        "url": file.url,
        "sha256": file_digest(path),
        "size": state.st_size,
        "modified": state.st_mtime_ns,
    }
    with replace_when_done(record_file(file)) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n")


def is_checked(path: Path, file: WeightFile) -> bool:
    """Whether a file in its place is the one of its record, unchanged since."""
    record = read_record(file)
    state = path.stat()
    return (
        record is not None
        and record["url"] == file.url
        and record["size"] == state.st_size
        and record["modified"] == state.st_mtime_ns
        and (not file.digest.startswith("sha256:") or _agree(record, file))
    )


def read_record(file: WeightFile) -> dict[str, Any] | None:
    """The record of a file; None where there is none, or no readable one."""
    try:
        record = json.loads(record_file(file).read_text())
    except (OSError, ValueError):
        return None
    needed = {"url", "sha256", "size", "modified"}
    return record if isinstance(record, dict) and needed <= record.keys() else None


def record_file(file: WeightFile) -> Path:
    """Where the record of a file lies."""
    return records() / f"{file.name.replace('/', '--')}.json"


def _agree(record: dict[str, Any], file: WeightFile) -> bool:
    return record["sha256"].startswith(file.digest.partition(":")[2])


def _remedy(file: WeightFile) -> str:
    if not file.url:
        return "Get the right file from its publisher"
    return f"Get the right one from {file.url}"
