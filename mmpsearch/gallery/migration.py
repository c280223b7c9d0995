"""From one gallery to another, whatever keeps them; broken off, it can go on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.gallery import Gallery

NOTE, DONE = "migration", "migrated"


def migrate(
    source: Gallery,
    target: Gallery,
    size: int = 5000,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Copy everybody, the files that were read, and the suppression list.

    Ids stay. Who is suppressed in either gallery is left out. Called again behind its
    end, it has nothing to do.

    Args:
        source: Is not changed.
        target: Empty, or left by a migration from the same source that was broken off.
        size: People of one step; a step is done or not done.
        tell: Called after each step with the people done and all of them.

    Returns:
        Number of people in the target.

    Raises:
        GalleryError: The target holds something else, or was made by another model.
    """
    store, header = target.store, target.store.header
    note = header.notes.get(NOTE)
    begun = note is not None and note["from"] == source.store.location
    whole = {"from": source.store.location, "people": len(source)}
    if header.notes.get(DONE) == whole:  # killed behind its end, say
        return len(target)
    if len(target) and not begun:
        raise GalleryError(
            f"{store.location} is not empty: migrate into a new gallery, or add "
            "another gallery's people by mmpsearch gallery load"
        )
    target.check_model(source.fingerprint)
    header.fingerprint = source.fingerprint
    header.settings.update(source.settings)
    store.suppression.join(source.store.suppression)
    after = note["after"] if begun else -1
    # a step that was written without its note
    surplus = store.find(Where())
    store.remove(surplus[surplus > after])
    done, total = len(target), len(source)
    for records in source.store.batches(size, after):
        header.notes[NOTE] = {
            "from": source.store.location,
            "after": int(records.ids[-1]),
        }
        allowed = records.take(store.suppression.allowed(records))
        store.add(allowed)
        store.flush()
        done += len(records)
        tell(done, total)
    for path in source.files:
        state = source.store.file_state(path)
        if store.suppression.allows_file(path) and store.file_state(path) != state:
            store.set_file(path, state)
    header.notes.pop(NOTE, None)
    header.notes[DONE] = whole
    store.flush()
    return len(target)


def load_into(target: Gallery, source: Gallery, size: int = 5000) -> int:
    """Add another gallery's people under new ids, as when a day is added to a year.

    Files that the target holds already are left out, so that calling it again adds
    nothing twice.

    Returns:
        Number of people that were added.

    Raises:
        GalleryError: Made by another model.
    """
    target.check_model(source.fingerprint)
    store = target.store
    if target.fingerprint is None and not len(target):
        store.header.fingerprint = source.fingerprint
        store.header.settings.update(source.settings)
    store.suppression.join(source.store.suppression)
    new = [path for path in source.files if store.file_state(path) is None]
    wanted = set(new)
    added = 0
    for records in source.store.batches(size):
        some = np.array([path in wanted for path in records.paths], bool)
        added += len(target.add_records(records.take(some)))
    for path in new:
        if store.suppression.allows_file(path):
            store.set_file(path, source.store.file_state(path))
    target.flush()
    return added
