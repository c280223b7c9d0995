"""What a user may upload: pictures and videos, limited in size, kind and pixels."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from mmpsearch.apis.image_sources import is_video, read_frame
from mmpsearch.apis.sources.video_file import VIDEO_SUFFIXES, has_video_suffix
from mmpsearch.app.media import short_name
from mmpsearch.datasets.io.picture_files import PICTURE_SUFFIXES, has_suffix
from mmpsearch.datasets.io.picture_reading import open_picture
from mmpsearch.errors import ImageReadError, InputError

KINDS = tuple(sorted(PICTURE_SUFFIXES | VIDEO_SUFFIXES))


@dataclass(frozen=True)
class UploadLimits:
    """How large an upload may be.

    Attributes:
        megabytes: Of a file.
        megapixels: Of a picture, before it is decoded.
    """

    megabytes: float = 200.0
    megapixels: float = 64.0


def take_upload(
    file: str | os.PathLike, folder: str | os.PathLike, limits: UploadLimits
) -> Path:
    """Move an upload into a session's folder, under a name of our own.

    The file is refused or taken; in both cases nothing of it stays where it was.

    Args:
        file: Where the server has put it.
        folder: Of the session; an earlier upload in it is deleted.
        limits: How large it may be.

    Returns:
        ``folder/upload.jpg`` or the like.

    Raises:
        InputError: Another kind of file, too large, or a picture with too many pixels.
        ImageReadError: It cannot be read; the message has the user's name for it.
    """
    file, folder = Path(file), Path(folder)
    try:
        _check(file, limits)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in folder.glob("upload.*"):
            old.unlink()
        target = folder / f"upload{file.suffix.lower()}"
        shutil.move(file, target)
        os.chmod(target, 0o600)
        return target
    finally:
        file.unlink(missing_ok=True)


def _check(file: Path, limits: UploadLimits) -> None:
    name = short_name(str(file))
    if not has_suffix(file, KINDS):
        raise InputError(
            f"{name} is no picture and no video by its name; upload one of "
            f"{', '.join(kind[1:] for kind in KINDS)}"
        )
    if file.stat().st_size > limits.megabytes * 1e6:
        raise InputError(
            f"{name} has {file.stat().st_size / 1e6:.0f} MB; uploads may have "
            f"{limits.megabytes:g} (mmpsearch app --max-upload)"
        )
    try:
        if has_video_suffix(file):
            read_frame(file, 0)
            return
        with open_picture(file) as image:
            pixels = image.width * image.height
        if pixels > limits.megapixels * 1e6:
            raise InputError(
                f"{name} has {pixels / 1e6:.0f} megapixels; uploads may have "
                f"{limits.megapixels:g}: make it smaller (mmpsearch app "
                "--max-megapixels)"
            )
        if not is_video(file):
            with open_picture(file) as image:
                image.load()  # a file that is cut short is refused at once
    except ImageReadError as error:
        raise ImageReadError(name, error.reason) from error


def forget_uploads(folder: Path, before: float) -> None:
    """Delete the files below a folder that were written before a Unix time."""
    for file in folder.rglob("*"):
        try:
            if file.is_file() and file.stat().st_mtime < before:
                file.unlink()
        except FileNotFoundError:  # taken meanwhile
            continue
