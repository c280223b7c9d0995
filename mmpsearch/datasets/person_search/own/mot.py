"""MOTPersonSearch: the people of MOT Challenge folders, to be searched for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mmpsearch.datasets.io.mot_files import (
    MotSequence,
    read_people,
    read_sequence,
)
from mmpsearch.datasets.io.name_patterns import compiled, name_by
from mmpsearch.datasets.person_search.own.base import OwnPersonSearch
from mmpsearch.datasets.person_search.own.scenes import OwnScenes
from mmpsearch.errors import DataLayoutError, DataOptionError
from mmpsearch.registry import DATASETS


@DATASETS.register_module()
class MOTPersonSearch(OwnPersonSearch):
    """Tracked people of one or more MOT Challenge sequences.

    A sequence is a folder with ``gt/gt.txt``, pictures (``img1``, or as
    ``seqinfo.ini`` says) and perhaps ``gt/labels.txt``, which CVAT's "MOT 1.1" export
    has. People are rows of class 1 (pedestrian), or of the label ``person`` or
    ``pedestrian`` where there are labels, whose flag is not 0. A sequence is a camera
    of its own. Track numbers are people: of their own sequence, unless
    ``same_people``.

    Args:
        data_root: Folder of the sequences, or one sequence.
        split: As of :class:`OwnPersonSearch`; its ``split_by`` must be given.
        sequences: Names of the sequences to use. Default: all below ``data_root``.
        same_people: A track number means the same person in all sequences.
        frame_step: Use every ``frame_step``-th frame, the first included.
        min_visibility: Boxes less visible than this are people without identity.
        camera_pattern: Regular expression whose first group is the camera in a
            sequence's name, for several sequences of one camera.
        **kwargs: Of :class:`OwnPersonSearch`, among them ``split_by`` and ``queries``.
    """

    NAME = "MOTPersonSearch"
    VERSION = "mot-search-1"
    LAYOUT = """\
  <sequence>/gt/gt.txt, <sequence>/img1/000001.jpg ..., <sequence>/seqinfo.ini
  (or one such sequence)"""

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        *,
        sequences: list[str] | None = None,
        same_people: bool = False,
        frame_step: int = 1,
        min_visibility: float = 0.0,
        camera_pattern: str | None = None,
        **kwargs,
    ) -> None:
        if frame_step < 1:
            raise DataOptionError(f"frame_step must be at least 1, got {frame_step}")
        self.sequences = sequences
        self.same_people = same_people
        self.frame_step = frame_step
        self.min_visibility = min_visibility
        self.camera_pattern = compiled(camera_pattern, "camera_pattern")
        super().__init__(data_root, split, **kwargs)

    def folders(self) -> list[Path]:
        """The sequences, sorted by name.

        Raises:
            DataLayoutError: There is none, or one of the named ones is missing.
        """
        root = Path(self.data_root)
        if self.sequences is not None:
            for name in self.sequences:
                self.require(name, "gt", "gt.txt")
            return [root / name for name in self.sequences]
        if (root / "gt" / "gt.txt").is_file():
            return [root]
        found = sorted(path.parent.parent for path in root.glob("*/gt/gt.txt"))
        if not found:
            raise DataLayoutError(
                f"{self.NAME}: no sequence with gt/gt.txt in {root}. Expected layout:\n"
                f"{self.LAYOUT}"
            )
        return found

    def sources(self) -> Iterable[Path]:
        for folder in self.folders():
            names = ("gt/gt.txt", "gt/labels.txt", "seqinfo.ini", "img1")
            yield from (folder / n for n in names if (folder / n).exists())

    def read_scenes(self) -> OwnScenes:
        keys: list[str] = []
        boxes: list[np.ndarray] = []
        people: list[list[str]] = []
        cameras: list[str] = []
        for folder in self.folders():
            sequence = read_sequence(folder)
            frames = sorted(sequence.pictures)[:: self.frame_step]
            camera = self._camera_of(sequence.name)
            prefix = "" if folder == Path(self.data_root) else f"{sequence.name}/"
            of_frame = self._people_of(sequence)
            for frame in frames:
                picture = sequence.pictures[frame]
                keys.append(f"{prefix}{sequence.image_folder}/{picture}")
                found = of_frame.get(frame, (np.zeros((0, 4)), []))
                boxes.append(found[0])
                people.append(found[1])
                cameras.append(camera)
        return OwnScenes.of(keys, boxes, people, cameras)

    def _people_of(
        self, sequence: MotSequence
    ) -> dict[int, tuple[np.ndarray, list[str]]]:
        """Frame -> boxes (n, 4) and names of its people."""
        rows = read_people(sequence)
        absent = ~np.isin(rows.frames, list(sequence.pictures))
        if absent.any():
            raise DataLayoutError(
                f"{sequence.gt_path}: {absent.sum()} of {len(rows)} people are in "
                f"frames without a picture, first frame {rows.frames[absent][0]}; "
                f"{sequence.folder / sequence.image_folder} has frames "
                f"{min(sequence.pictures)} to {max(sequence.pictures)}."
            )
        known = (rows.tracks >= 0) & (rows.visibility >= self.min_visibility)
        prefix = "" if self.same_people else f"{sequence.name}/"
        names = [
            f"{prefix}{track}" if named else ""
            for track, named in zip(rows.tracks.tolist(), known.tolist(), strict=True)
        ]
        starts = np.flatnonzero(np.diff(rows.frames, prepend=0))
        ends = [*starts[1:].tolist(), len(rows)]
        return {
            int(rows.frames[begin]): (rows.boxes[begin:end], names[begin:end])
            for begin, end in zip(starts.tolist(), ends, strict=True)
        }

    def _camera_of(self, name: str) -> str:
        if self.camera_pattern is None:
            return name
        return name_by(self.camera_pattern, name, "camera_pattern")

    def cached(self, name, sources, version, build):
        """Of these sequences and options."""
        pattern = self.camera_pattern.pattern if self.camera_pattern else ""
        options = (self.sequences, self.same_people, self.frame_step)
        options = (*options, self.min_visibility, pattern)
        return super().cached(name, sources, f"{version}-{options}", build)
