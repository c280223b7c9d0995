"""Lists of crops and what one counts in them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmpsearch.datasets.io.image_files import missing_files, remedy_of_missing
from mmpsearch.datasets.io.picture_files import LeftOut, pictures_in
from mmpsearch.errors import DataLayoutError, MissingPicturesError


@dataclass(frozen=True)
class Crops:
    """N crops of one list.

    Attributes:
        paths: N files.
        person_ids: (N,) int64 ids as the set numbers them, -1 unlabelled.
        camera_ids: (N,) int64 from 0, -1 unknown.
        left_out: Files of the list that the protocol leaves out (junk).
    """

    paths: list[str]
    person_ids: np.ndarray
    camera_ids: np.ndarray
    left_out: int = 0

    @classmethod
    def of(cls, rows: Sequence[tuple[str, int, int]], left_out: int = 0) -> Crops:
        """From rows of path, person id, camera id."""
        labels = np.array([row[1:] for row in rows], dtype=np.int64).reshape(-1, 2)
        paths = [os.fspath(row[0]) for row in rows]
        return cls(paths, labels[:, 0], labels[:, 1], left_out)

    def __len__(self) -> int:
        return len(self.paths)

    def keep(self, mask: np.ndarray) -> Crops:
        """Those of a mask; the others count as left out."""
        places = np.flatnonzero(mask)
        return Crops(
            [self.paths[i] for i in places],
            self.person_ids[places],
            self.camera_ids[places],
            self.left_out + len(self) - len(places),
        )

    def counts(self) -> Counts:
        """Pictures, identities and cameras; the unknown (-1) count as none."""
        per_camera = np.bincount(self.camera_ids[self.camera_ids >= 0])
        return Counts(
            images=len(self),
            identities=len(np.unique(self.person_ids[self.person_ids >= 0])),
            cameras=int((per_camera > 0).sum()),
            per_camera=tuple(per_camera.tolist()),
            left_out=self.left_out,
        )


@dataclass(frozen=True)
class Counts:
    """Numbers of a list, found or published; None: not published."""

    images: int | None = None
    identities: int | None = None
    cameras: int | None = None
    per_camera: tuple[int, ...] | None = None
    left_out: int | None = None


def match_names(
    names: Sequence[str], pattern: str, grammar: str, where: str | Path
) -> list[re.Match]:
    """Match every name with a pattern.

    Raises:
        DataLayoutError: Some do not match; with their number, the first, the grammar.
    """
    compiled = re.compile(pattern)
    matches = [compiled.fullmatch(name) for name in names]
    wrong = [name for name, match in zip(names, matches, strict=True) if not match]
    if wrong:
        raise DataLayoutError(
            f"{where}: {len(wrong)} of {len(names)} file names do not follow the "
            f"grammar {grammar}, first {wrong[0]!r}. Move these files elsewhere, or "
            "read such names with mmpsearch.CustomReID and patterns for person and "
            r"camera, such as person_pattern=r'^(-?\d+)_', camera_pattern=r'_c(\d+)'."
        )
    return matches


def list_folder(
    folder: Path, pattern: str, grammar: str, left_out: LeftOut | None = None
) -> list[tuple[str, re.Match]]:
    """Path and match of every picture of a folder, sorted by name.

    ``left_out`` receives what is no picture.
    """
    names = pictures_in(folder, LeftOut() if left_out is None else left_out)
    matches = match_names(names, pattern, grammar, folder)
    return [(f"{folder}/{m.string}", m) for m in matches]


def require_files(
    paths: Sequence[str],
    listed_in: str | Path,
    remedy: str = "extract the archive again",
) -> None:
    """Check that listed pictures exist, with one listing per folder.

    Args:
        paths: The pictures.
        listed_in: What names them.
        remedy: What to do where a name itself looks right.

    Raises:
        MissingPicturesError: With the number that is missing and the first.
    """
    missing = missing_files(paths)
    if missing:
        raise MissingPicturesError(
            f"{len(missing)} of {len(paths)} pictures of {listed_in} are missing, "
            f"first {missing[0]}; {remedy_of_missing(missing[0], remedy)}.",
            missing,
        )
