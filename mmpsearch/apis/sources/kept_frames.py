"""Pictures of streams that are kept on disk, as a stream cannot be read again."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from PIL import Image

from mmpsearch.apis.sources.frame import SourceImage
from mmpsearch.gallery.detections import Detections
from mmpsearch.utils.atomic import replace_when_done

QUALITY = 90


class KeptFrames:
    """A folder with a JPEG file for each frame of a stream in which people were found.

    Args:
        folder: ``CAMERA/2026-11-29/08-30-00.250.jpg`` are written there, in UTC.
    """

    def __init__(self, folder: str | os.PathLike) -> None:
        self.folder = Path(folder)
        self._written: set[str] = set()

    def keep(self, found: Detections, image: SourceImage) -> Detections:
        """Write the picture; what was found in it, now in that file."""
        if not len(found):
            return found
        taken = datetime.fromtimestamp(image.clock or 0.0, timezone.utc)
        name = re.sub(r"[^\w.-]+", "_", image.camera or image.path)[:80] or "stream"
        folder = self.folder / name / taken.strftime("%Y-%m-%d")
        path = folder / f"{taken:%H-%M-%S}.{taken.microsecond // 1000:03d}.jpg"
        with replace_when_done(path, durable=False) as temporary:
            Image.fromarray(image.pixels[:, :, ::-1]).save(temporary, quality=QUALITY)
        path = os.path.abspath(path)
        self._written.add(path)
        return replace(found, path=path, frame=-1)

    def forget_unused(self, used: set[str]) -> None:
        """Delete the pictures of this run to which nothing refers."""
        for path in self._written - used:
            Path(path).unlink(missing_ok=True)
        self._written &= used
