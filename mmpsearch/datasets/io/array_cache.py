"""Arrays parsed from slow files, kept on disk until the files change."""

import hashlib
import json
import logging
import os
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from mmengine.logging import print_log

from mmpsearch.utils.atomic import replace_when_done

CACHE_FOLDER = ".mmpsearch_cache"
_KEY = "__key__"


def source_key(sources: Sequence[str | Path], version: str) -> str:
    """Text that changes when a source file or folder, or the format, changes."""
    stats = []
    for source in sources:
        stat = os.stat(source)
        stats.append([str(source), stat.st_size, stat.st_mtime_ns])
    return hashlib.sha1(json.dumps([version, stats]).encode()).hexdigest()


def cache_folders(root: str | Path) -> list[Path]:
    """Where to keep the cache of a data root: beside the data, else for the user."""
    digest = hashlib.sha1(str(Path(root).resolve()).encode()).hexdigest()[:12]
    name = f"{Path(root).resolve().name}-{digest}"
    user = os.getuid() if hasattr(os, "getuid") else "cache"
    user_cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return [
        Path(root) / CACHE_FOLDER,
        Path(user_cache) / "mmpsearch" / name,
        Path(tempfile.gettempdir()) / f"mmpsearch-{user}" / name,
    ]


def cached_arrays(
    root: str | Path,
    name: str,
    sources: Sequence[str | Path],
    version: str,
    build: Callable[[], dict[str, np.ndarray]],
) -> dict[str, np.ndarray]:
    """Return ``build()``, or what an earlier call returned for the same sources.

    The arrays lie in ``<root>/.mmpsearch_cache/<name>.npz``; where that cannot be
    written, in the user's cache folder, else in the folder for temporary files. A
    cache is used only when the sources' paths, sizes and modification times and
    ``version`` are those it was built from. It is written under a temporary name and
    moved into place, so that processes that build it at once do no harm, and read
    without unpickling.

    Args:
        root: Data root.
        name: File name without suffix, unique per kind of content.
        sources: Files and folders the arrays depend on; all must exist.
        version: Changes whenever ``build`` changes what it returns.
        build: Makes the arrays (no object arrays).
    """
    key = source_key(sources, version)
    folders = cache_folders(root)
    for folder in folders:
        arrays = _read(folder / f"{name}.npz", key)
        if arrays is not None:
            return arrays
    arrays = build()
    for folder in folders:
        try:
            _write(folder / f"{name}.npz", key, arrays)
            return arrays
        except OSError:
            continue
    print_log(
        f"No folder of {[str(folder) for folder in folders]} can be written: "
        f"{name} is not cached and will be parsed again next time.",
        logger="current",
        level=logging.WARNING,
    )
    return arrays


def _read(path: Path, key: str) -> dict[str, np.ndarray] | None:
    try:
        with np.load(path, allow_pickle=False) as stored:
            if str(stored[_KEY]) != key:
                return None
            return {name: stored[name] for name in stored.files if name != _KEY}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def _write(path: Path, key: str, arrays: dict[str, np.ndarray]) -> None:
    with replace_when_done(path) as temporary:
        np.savez(temporary, **{_KEY: np.array(key)}, **arrays)
