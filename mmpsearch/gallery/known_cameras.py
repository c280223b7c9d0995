"""Cameras that a user names must be the gallery's: a slip is no answer."""

from __future__ import annotations

from collections.abc import Iterable

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.store import Store


def require_cameras(store: Store, names: Iterable[str]) -> None:
    """Refuse a camera that the gallery has never heard of.

    Args:
        store: Of the gallery.
        names: Cameras that a user named.

    Raises:
        GalleryError: Naming it, and the cameras that there are.
    """
    for name in names:
        if store.count(Where(cameras=frozenset([name]))):
            continue
        if name not in (cameras := store.cameras()):
            known = ", ".join(filter(None, cameras)) or "none"
            raise GalleryError(f"no camera {name!r} in the gallery; it knows {known}")
