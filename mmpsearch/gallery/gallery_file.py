"""The gallery's file: one ``.npz`` with the columns and a JSON header, no pickle."""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import asdict, dataclass

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.detections import ModelFingerprint
from mmpsearch.gallery.gallery_columns import check_columns
from mmpsearch.utils.atomic import replace_when_done

FORMAT = "mmpsearch gallery"
VERSION = 2


@dataclass(frozen=True)
class IndexedFile:
    """A file as it was when it was added.

    Attributes:
        number: The file's number in the gallery.
        size: Bytes; -1 when there is no such file (an array).
        modified: Time stamp in nanoseconds; -1 when there is no such file.
    """

    number: int
    size: int
    modified: int

    @classmethod
    def of(cls, path: str | os.PathLike, number: int) -> IndexedFile:
        """The file's state now."""
        try:
            state = os.stat(path)
        except OSError:
            return cls(number, -1, -1)
        return cls(number, state.st_size, state.st_mtime_ns)


@dataclass(frozen=True)
class GalleryContent:
    """All that a gallery file holds."""

    columns: dict[str, np.ndarray]
    files: dict[str, IndexedFile]
    fingerprint: ModelFingerprint | None
    settings: dict[str, float]
    next_id: int
    cameras: list[str]


def write_gallery(path: str | os.PathLike, content: GalleryContent) -> None:
    """Write to a temporary name beside ``path``, then rename.

    The header lies in the same file as JSON text, so that vectors and
    their description are always replaced together.
    """
    header = {
        "format": FORMAT,
        "version": VERSION,
        "fingerprint": content.fingerprint and asdict(content.fingerprint),
        "settings": content.settings,
        "next_id": content.next_id,
        "cameras": content.cameras,
        "files": {path: asdict(file) for path, file in content.files.items()},
    }
    text = json.dumps(header).encode()
    with replace_when_done(path) as temporary:
        with open(temporary, "wb") as stream:
            np.savez(stream, header=np.frombuffer(text, np.uint8), **content.columns)


def read_gallery(path: str | os.PathLike) -> GalleryContent:
    """Read what ``write_gallery`` wrote.

    Raises:
        GalleryError: Missing, damaged, not a gallery, or of a newer version.
    """
    path = os.fspath(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            columns = {name: archive[name] for name in archive.files}
        header = json.loads(bytes(columns.pop("header")))
    except FileNotFoundError:
        raise GalleryError(f"there is no gallery file {path}") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise GalleryError(
            f"{path} is not a gallery, or is damaged: {error}"
        ) from error
    except TypeError as error:  # a bare array, not an archive
        raise GalleryError(f"{path} is not a gallery") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise GalleryError(f"{path} is not a gallery")
    if header["version"] > VERSION:
        raise GalleryError(
            f"{path} has version {header['version']}; this mmpsearch reads up to "
            f"{VERSION}: update mmpsearch, or index the pictures again"
        )
    try:
        if header["version"] == 1:
            header["cameras"] = _of_version_1(columns, os.path.getmtime(path))
        check_columns(columns)
        fingerprint = header["fingerprint"]
        return GalleryContent(
            columns=columns,
            files={name: IndexedFile(**file) for name, file in header["files"].items()},
            fingerprint=fingerprint and ModelFingerprint(**fingerprint),
            settings=header["settings"],
            next_id=header["next_id"],
            cameras=header["cameras"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise GalleryError(f"{path} is damaged: {error}") from error


def _of_version_1(columns: dict[str, np.ndarray], added: float) -> list[str]:
    """Complete the columns in place; return the cameras' names, once numbers."""
    count = len(columns["ids"])
    numbers = columns["cameras"]
    known = np.unique(numbers[numbers >= 0])
    positions = np.searchsorted(known, numbers)
    columns["cameras"] = np.where(numbers >= 0, positions, -1)
    columns["clocks"] = np.full(count, np.nan)
    columns["tracks"] = np.full(count, -1)
    columns["starts"] = columns["ends"] = columns["times"]
    columns["added"] = np.full(count, added)
    return [str(number) for number in known]
