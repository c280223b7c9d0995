"""The note in a rendered folder that says what it holds."""

from __future__ import annotations

import json
from pathlib import Path

from mmpsearch.errors import ManifestError
from mmpsearch.utils.atomic import replace_when_done

MANIFEST = "synthetic.json"
RECORDS = ".records"
DRAWING_VERSION = 4  # to be raised whenever the same options give other pictures


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file under a temporary name, then rename it.

    After a power cut it may be empty: then it is made again (`is_written`).
    """
    with replace_when_done(path, durable=False) as temporary:
        temporary.write_bytes(data)


def is_written(path: Path) -> bool:
    """Whether a file of `write_atomically` is there and not empty."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def claim_folder(root: Path, options: dict) -> None:
    """Write the manifest of ``options`` into ``root``, or check the one that is there.

    Raises:
        ManifestError: The folder's manifest names other options, cannot be read, or
            is missing although the folder is not empty.
    """
    path = root / MANIFEST
    wanted = {"drawing_version": DRAWING_VERSION, **options}
    remedy = "choose another folder (--out) or delete this one"
    if not path.exists():
        if root.exists() and any(root.iterdir()):
            raise ManifestError(
                f"{root} is not empty and has no {MANIFEST}: it was not made by "
                f"make_synthetic.py; {remedy}"
            )
        root.mkdir(parents=True, exist_ok=True)
        with replace_when_done(path) as temporary:
            temporary.write_text(json.dumps(wanted, indent=2))
        return
    try:
        found = json.loads(path.read_text())
    except ValueError as error:
        raise ManifestError(f"{path} cannot be read ({error}); {remedy}") from error
    differing = [
        f"{key}: {found.get(key)!r} there, {wanted.get(key)!r} wanted"
        for key in sorted({*found, *wanted})
        if found.get(key) != wanted.get(key)
    ]
    if differing:
        raise ManifestError(
            f"{path} was made with other options ({'; '.join(differing)}); {remedy}"
        )
