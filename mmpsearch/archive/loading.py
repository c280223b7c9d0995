"""From an archive into a gallery, in bulk."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

import numpy as np

from mmpsearch.archive.folder import Archive
from mmpsearch.archive.units import Unit
from mmpsearch.errors import GalleryError
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.store import FileState

PEOPLE = 20000  # of one step; a step is done or not done


def load_archive(gallery: Gallery, archive: Archive) -> tuple[int, int]:
    """Add the people of whole files that the gallery does not hold, or holds as they
    were before they changed.

    Broken off, a second call goes on; called again it adds nothing twice. Who is
    suppressed stays out.

    Args:
        gallery: Is flushed in steps.
        archive: Also one that is still being extracted: of a video in several parts
            all must be done.

    Returns:
        Number of people that were added, and of files that are not done yet.

    Raises:
        GalleryError: The gallery was made by another model, or read otherwise.
        ArchiveError: A file of the archive is damaged.
    """
    gallery.check_model(archive.fingerprint)
    _agree(gallery, archive)
    store, added = gallery.store, 0
    done, waiting = _whole_files(archive)
    for units in _steps(done, archive, gallery):
        files = {
            path: state
            for unit in units
            for path, state in zip(unit.paths, unit.states, strict=True)
            if store.suppression.allows_file(path)
        }
        # people of a step that was broken off, or of the file before it changed
        for some in _batched(files, 500):
            store.remove(store.find(Where(paths=frozenset(some))))
        for unit in units:
            records = archive.records(unit)
            records = replace(records, added=np.full(len(records), time.time()))
            if len(records):
                added += len(gallery.add_records(records))
        for path, state in files.items():
            store.set_file(path, state)
        gallery.flush()
    return added, waiting


def _agree(gallery: Gallery, archive: Archive) -> None:
    header = gallery.store.header
    if not len(gallery) and not gallery.files:
        header.fingerprint = archive.fingerprint
        header.settings.update(archive.settings)
    for name, value in archive.settings.items():
        known = header.settings.setdefault(name, value)
        if known != value:
            raise GalleryError(
                f"the gallery was made with {name}={known:g}, the archive "
                f"{archive.path} with {value:g}: load it into another gallery"
            )


def _whole_files(archive: Archive) -> tuple[list[list[Unit]], int]:
    """Units of files that are done, together; and how many files are not."""
    parts: dict[str, list[Unit]] = defaultdict(list)
    for unit in archive.units.values():
        parts[unit.paths[0] if len(unit.paths) == 1 else unit.key].append(unit)
    whole, waiting, state = [], 0, archive.states()
    for units in parts.values():
        states = {state[unit.key] for unit in units}
        if states == {"done"}:
            whole.append(units)
        elif "pending" in states:
            waiting += len(units[0].paths)
    return whole, waiting


def _steps(
    whole: list[list[Unit]], archive: Archive, gallery: Gallery
) -> Iterator[list[Unit]]:
    """Units of new files, so many together that a step has enough people."""
    step: list[Unit] = []
    people = 0
    for units in whole:
        if all(_is_known(unit, gallery) for unit in units):
            continue
        step += units
        people += sum(archive.about(unit)["people"] for unit in units)
        if people >= PEOPLE:
            yield step
            step, people = [], 0
    if step:
        yield step


def _is_known(unit: Unit, gallery: Gallery) -> bool:
    """Whether the gallery holds the files as they were extracted, or must not."""
    store = gallery.store
    return all(
        store.file_state(path) == FileState(state.size, state.modified)
        or not store.suppression.allows_file(path)
        for path, state in zip(unit.paths, unit.states, strict=True)
    )


def _batched(names: Iterable[str], size: int) -> Iterator[list[str]]:
    """Lists of at most ``size`` names; a server's conditions must not grow long."""
    names = iter(names)
    while some := list(islice(names, size)):
        yield some
