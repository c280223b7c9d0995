"""The image files of scenes: whether they are there, their sizes, their orientation."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace

import numpy as np

from mmpsearch.datasets.io.image_files import (
    image_headers,
    missing_files,
    remedy_of_missing,
    why_unreadable,
)
from mmpsearch.datasets.io.orientation import AS_STORED, resolve_orientations
from mmpsearch.datasets.person_search.annotations import SceneAnnotations
from mmpsearch.errors import (
    DataLayoutError,
    MissingPicturesError,
    UnreadableImageError,
)


class SceneFiles:
    """Mixin of the person-search data sets: compares annotations with the files.

    What is missing or unreadable is an error, or in training with
    ``on_bad_image="skip"`` left out and counted.
    """

    READ_HEADERS = False  # even where the annotations state all sizes
    UPRIGHT_BOXES = False  # drawn on pictures that were turned by their orientation

    def with_sizes(self, scenes: SceneAnnotations) -> SceneAnnotations:
        """Compare with the files; sizes and orientation where these are unknown."""
        if not self.read_sizes:
            return scenes
        if (scenes.sizes > 0).all() and not self.READ_HEADERS:
            paths = self._paths(scenes.image_keys)
            missing = np.isin(paths, missing_files(paths))
            self._report_missing(scenes, missing)
            return scenes.keep_images(~missing)
        self.require(self.image_folder.relative_to(self.data_root))
        headers = self._headers(scenes.image_keys)
        missing = headers[:, 0] < 0
        self._report_missing(scenes, missing)
        bad = (headers[:, 0] == 0) & ~missing
        if bad.any():
            first = self._paths(scenes.image_keys[bad])[0]
            if self.on_bad_image == "error" or self.split != "train":
                raise UnreadableImageError(
                    f"{self.NAME}: {first} ({bad.sum()} in all) cannot be read: "
                    f"{why_unreadable(first)}."
                )
            self.note(
                "unreadable images", bad.sum(), f"unreadable images left out ({first})."
            )
        good = ~(bad | missing)
        return self._oriented(scenes.keep_images(good), headers[good])

    def _paths(self, keys: np.ndarray) -> list[str]:
        return [os.path.join(self.image_folder, key) for key in keys.tolist()]

    def _headers(self, keys: np.ndarray) -> np.ndarray:
        """(I, 3) of :func:`image_headers`, cached until a file changes."""
        paths = self._paths(keys)

        def build() -> dict[str, np.ndarray]:
            return dict(headers=image_headers(paths))

        there = [path for path in paths if os.path.exists(path)]
        version = f"headers-1-{hash_keys(keys.tolist())}"
        name = f"{self.split}_headers"
        headers = self.cached(name, [self.image_folder, *there], version, build)
        headers = headers["headers"]
        # What is not whole may be so by now, with the same size and time.
        unknown = np.flatnonzero(headers[:, 0] <= 0)
        headers[unknown] = image_headers([paths[i] for i in unknown])
        return headers

    def _report_missing(self, scenes: SceneAnnotations, missing: np.ndarray) -> None:
        """Raise or warn about the images of a mask (I,)."""
        if not missing.any():
            return
        paths, number = self._paths(scenes.image_keys[missing]), int(missing.sum())
        if self.on_bad_image == "error" or self.split != "train":
            remedy = remedy_of_missing(paths[0], "")
            raise MissingPicturesError(
                f"{self.NAME}: {number} of {scenes.num_images} {self.split} "
                f"images are missing, first {paths[0]}"
                f"{remedy and f'; {remedy}'}. Expected layout:\n"
                f"{self.LAYOUT}\n{self.REQUEST}",
                paths,
            )
        self.note("missing images", number, f"missing images left out ({paths[0]}).")

    def _oriented(
        self, scenes: SceneAnnotations, headers: np.ndarray
    ) -> SceneAnnotations:
        """With sizes, and with the images that boxes were drawn on upright."""
        stored, orientations = headers[:, :2], headers[:, 2]
        sizes, upright, wrong = resolve_orientations(
            scenes.sizes, stored, orientations, self.UPRIGHT_BOXES
        )
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            found, said = stored[place].tolist(), scenes.sizes[place].tolist()
            raise DataLayoutError(
                f"{self.NAME}: {self._paths(scenes.image_keys)[place]} "
                f"({wrong.sum()} in all) is {found[0]} x {found[1]} pixels (height x "
                f"width), its annotation says {said[0]} x {said[1]}: not the same "
                "image, or one that was resized after its boxes were drawn."
            )
        turned = orientations > AS_STORED
        for problem, mask, message in (
            ("images turned", upright, "are turned upright, as their boxes were drawn"),
            (
                "images not turned",
                turned & ~upright,
                "are loaded as stored, since their boxes are taken to refer to the "
                "stored pixels",
            ),
        ):
            first = "".join(scenes.image_keys[mask][:1])
            self.note(
                problem,
                mask.sum(),
                f"images with an EXIF orientation {message} (first {first}).",
            )
        return replace(scenes, sizes=sizes, upright=upright)


def hash_keys(keys: list[str]) -> str:
    """Short text that changes with a list of names."""
    return hashlib.sha1("\n".join(keys).encode()).hexdigest()[:16]
