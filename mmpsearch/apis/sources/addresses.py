"""Addresses of camera streams, and what of them may be shown and kept."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit, urlunsplit

SCHEMES = frozenset("rtsp rtsps rtmp rtmps http https udp tcp srt rtp".split())
WEBCAM = re.compile(r"\d{1,3}")


def is_stream(source: object) -> bool:
    """Whether a source is the address of a stream or the number of a webcam.

    A file or folder that is named like a number is a file or folder.
    """
    if isinstance(source, int) and not isinstance(source, bool):
        return source >= 0
    if not isinstance(source, str):
        return False
    return is_webcam(source) or scheme_of(source) in SCHEMES


def is_webcam(source: str | int) -> bool:
    """Whether a source is the number of a webcam."""
    text = str(source)
    return WEBCAM.fullmatch(text) is not None and not os.path.exists(text)


def scheme_of(source: str) -> str:
    """``rtsp`` of ``rtsp://host/live``; ``""`` where there is none."""
    scheme, separator, _ = source.partition("://")
    return scheme.lower() if separator else ""


def shown_address(source: str | int) -> str:
    """The address without user name and password, as it is shown and kept."""
    if is_webcam(source):
        return f"webcam:{source}"
    parts = urlsplit(str(source))
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
