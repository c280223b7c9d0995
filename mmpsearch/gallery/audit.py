"""Who searched what, and when: one line of JSON each, only ever appended."""

from __future__ import annotations

import getpass
import json
import os
from datetime import datetime, timezone


class AuditLog:
    """A file of events; an event is on the disk when ``write`` returns.

    No embedding and no picture is taken down, only what was asked and answered.

    Args:
        path: Of the file, made when it is missing.
    """

    def __init__(self, path: str | os.PathLike) -> None:
        self._path = os.path.abspath(path)

    def write(self, action: str, **details: object) -> None:
        """Append an event.

        Args:
            action: Such as ``search``.
            details: What JSON can hold.
        """
        event = {
            "when": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "who": _user(),
            "action": action,
            **details,
        }
        line = (json.dumps(event) + "\n").encode()
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line)  # one call: lines of two processes do not mix
            os.fsync(handle)
        finally:
            os.close(handle)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown"
