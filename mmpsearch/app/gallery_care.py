"""The gallery's care: removing for good, letting come back, keeping for a time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mmpsearch.errors import GalleryError, InputError
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.forgetting import Forgotten, forget
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.removal import keep_days
from mmpsearch.utils.atomic import replace_when_done

DAY = 86400.0


class GalleryCare:
    """Changes a gallery that is open for writing, and refuses where it is not.

    Args:
        gallery: Changed.
        state: The page's folder, in which the retention is kept.
        writable: The gallery may be changed.
        removed: Called when somebody was removed: what is kept of them must go.
    """

    def __init__(
        self,
        gallery: Gallery,
        state: Path,
        writable: bool,
        removed: Callable[[], None],
    ) -> None:
        self.gallery, self.state, self.writable = gallery, state, writable
        self._removed = removed
        self._retained = 0.0  # Unix time of the last look

    def forget(self, where: Where, reason: str = "") -> Forgotten:
        """Remove people for good, with the reports that show them."""
        self.require_writable()
        forgotten = forget(self.gallery, where, reason=reason)
        self._removed()
        return forgotten

    def allow_again(self, keys: Sequence[str]) -> int:
        """Lift removals by their keys."""
        self.require_writable()
        count = self.gallery.allow_again(keys)
        self.gallery.flush()
        return count

    def keep_days(self, days: float) -> int:
        """Remove for good who was seen longer ago; returns how many.

        Raises:
            InputError: Not a number of days.
        """
        self.require_writable()
        _check_days(days)
        with self.gallery.held():
            count = keep_days(self.gallery.store, days, time.time())
            self.gallery.flush()
        if self.gallery.audit is not None:
            self.gallery.audit.write("retention", days=days, people=count)
        self._removed()
        return count

    @property
    def retention(self) -> float | None:
        """Days that are kept; None: no limit."""
        try:
            content = json.loads((self.state / "settings.json").read_text())
            return content["retention_days"]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def set_retention(self, days: float | None) -> None:
        """Apply ``keep_days`` every day while the page runs."""
        self.require_writable()
        if days is not None:
            _check_days(days)
        with replace_when_done(self.state / "settings.json") as temporary:
            temporary.write_text(json.dumps({"retention_days": days}))
        self._retained = 0.0

    def require_writable(self) -> None:
        """Refuse changes to a gallery that is only read.

        Raises:
            GalleryError: It is.
        """
        if not self.writable:
            raise GalleryError(
                "the gallery is only read here: another process writes it, or the page "
                "was started with --read-only"
            )

    def keep_to_retention(self) -> None:
        """Remove once a day who was seen too long ago; for a thread's every look."""
        days = self.retention if self.writable else None
        if days is not None and time.time() - self._retained > DAY:
            self._retained = time.time()
            self.keep_days(days)


def _check_days(days: float) -> None:
    if not 0 < days < 1e6:
        raise InputError(f"days: {days:g} is no number of days to keep, above 0")
