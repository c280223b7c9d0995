"""Galleries as they were before: one ``.npz`` with columns and a JSON header."""

from __future__ import annotations

import json
import os
import zipfile

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.detections import ModelFingerprint
from mmpsearch.gallery.records import Records
from mmpsearch.gallery.store import FileState, Header

FORMAT = "mmpsearch gallery"
# name: dtype, shape of one row
LAYOUT: dict[str, tuple[type, tuple[int, ...]]] = {
    "ids": (np.int64, ()),
    "files": (np.int64, ()),
    "boxes": (np.float32, (4,)),
    "scores": (np.float32, ()),
    "cameras": (np.int64, ()),  # numbers; -1 unknown
    "times": (np.float64, ()),
    "frames": (np.int64, ()),
}


def read_old_gallery(
    path: str | os.PathLike,
) -> tuple[Records, dict[str, FileState], Header, int]:
    """Read a gallery of the old format; camera numbers become names.

    Returns:
        Its records, the files that were added, the header, and the next free id.

    Raises:
        GalleryError: Missing, damaged, or not a gallery.
    """
    path = os.fspath(path)
    if not os.path.isfile(path):
        raise GalleryError(f"there is no gallery file {path}")
    if not zipfile.is_zipfile(path):  # NumPy's error would advise to unpickle it
        raise GalleryError(f"{path} is not a gallery, or is damaged")
    try:
        with np.load(path, allow_pickle=False) as archive:
            columns = {name: archive[name] for name in archive.files}
        header = json.loads(bytes(columns.pop("header")))
    except (
        OSError,
        ValueError,
        KeyError,
        EOFError,
        MemoryError,
        RuntimeError,  # parts that are encrypted, or packed in a way of their own
        zipfile.BadZipFile,
        zipfile.zlib.error,
    ) as error:
        raise GalleryError(
            f"{path} is not a gallery, or is damaged: {error}"
        ) from error
    except TypeError as error:  # a bare array, not an archive
        raise GalleryError(f"{path} is not a gallery") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise GalleryError(f"{path} is not a gallery")
    try:
        if header["version"] != 1:
            raise GalleryError(
                f"{path} has version {header['version']}, which this mmpsearch does "
                "not read: update mmpsearch, or index the pictures again"
            )
        _check_columns(columns)
        names = {int(file["number"]): str(n) for n, file in header["files"].items()}
        states = {
            str(name): FileState(int(file["size"]), int(file["modified"]))
            for name, file in header["files"].items()
        }
        print_of = header["fingerprint"]
        settings = {str(k): float(v) for k, v in header["settings"].items()}
        records = _records(columns, names, os.path.getmtime(path))
        model = print_of and ModelFingerprint(**print_of)
        return records, states, Header(model, settings), int(header["next_id"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        if isinstance(error, GalleryError):
            raise
        raise GalleryError(f"{path} is damaged: {error}") from error


def _records(
    columns: dict[str, np.ndarray], names: dict[int, str], added: float
) -> Records:
    count = len(columns["ids"])
    cameras = np.empty(count, object)
    cameras[:] = [str(c) if c >= 0 else "" for c in columns["cameras"].tolist()]
    paths = np.empty(count, object)
    paths[:] = [names[number] for number in columns["files"].tolist()]
    return Records(
        ids=columns["ids"],
        embeddings=columns["embeddings"],
        boxes=columns["boxes"],
        scores=columns["scores"],
        paths=paths,
        cameras=cameras,
        times=columns["times"],
        clocks=np.full(count, np.nan),
        frames=columns["frames"],
        tracks=np.full(count, -1),
        starts=columns["times"],
        ends=columns["times"],
        added=np.full(count, added),
        scenes=np.empty((count, 0), np.float32),
    )


def _check_columns(columns: dict[str, np.ndarray]) -> None:
    """Check names, dtypes, lengths and values.

    Raises:
        ValueError: Naming the first column that does not fit.
    """
    length = len(columns["ids"]) if columns.get("ids", np.zeros(0)).ndim == 1 else -1
    dimension = columns["embeddings"].shape[1:] if "embeddings" in columns else (0,)
    for name, (dtype, row) in {
        **LAYOUT,
        "embeddings": (np.float32, dimension),
    }.items():
        if name not in columns:
            raise ValueError(f"column {name!r} is missing")
        column = columns[name]
        if column.dtype != dtype or column.shape != (length, *row):
            raise ValueError(
                f"column {name!r} is {column.dtype} {column.shape}, "
                f"expected {np.dtype(dtype)} {(length, *row)}"
            )
    lengths = np.linalg.norm(columns["embeddings"].astype(np.float64), axis=1)
    if not ((abs(lengths - 1) < 1e-3) | (lengths == 0)).all():
        raise ValueError("there are embeddings of a wrong length")
    if (
        not np.isfinite(columns["boxes"]).all()
        or not (np.diff(columns["ids"]) > 0).all()
    ):
        raise ValueError("boxes that are not finite, or ids that do not rise")
