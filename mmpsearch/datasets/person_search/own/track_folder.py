"""A folder of tracked videos: one MOT Challenge sequence a camera."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from mmpsearch.datasets.io.mot_files import (
    MotRows,
    MotSequence,
    read_people,
    read_sequence,
)
from mmpsearch.datasets.io.picture_reading import read_picture
from mmpsearch.datasets.person_search.own.people_table import PeopleRow
from mmpsearch.errors import DataLayoutError

TABLE = "people.csv"
EMBEDDINGS = "embeddings.npz"
APART = 1e6  # distance of two people, however many tracks it is averaged over


@dataclass(frozen=True)
class TrackedCamera:
    """What one camera saw.

    Attributes:
        sequence: Its folder and pictures.
        rows: Boxes with track numbers.
        embeddings: track -> (D,) float32, L2-normalised; empty where none were kept.
    """

    sequence: MotSequence
    rows: MotRows
    embeddings: dict[int, np.ndarray]

    @property
    def name(self) -> str:
        """Of the camera."""
        return self.sequence.name

    def picture(self, frame: int) -> Path:
        """The file of a frame."""
        sequence = self.sequence
        return sequence.folder / sequence.image_folder / sequence.pictures[frame]


def read_tracked(root: str | Path) -> list[TrackedCamera]:
    """Read all cameras, sorted by name.

    Raises:
        DataLayoutError: There is none, or a file is not what it should be.
    """
    folders = sorted(path.parent.parent for path in Path(root).glob("*/gt/gt.txt"))
    if not folders:
        raise DataLayoutError(
            f"{root}: no camera with gt/gt.txt in it. tools/own_data/track_people.py "
            "makes such a folder; CVAT's MOT 1.1 exports can be unpacked into one."
        )
    cameras = []
    for folder in folders:
        sequence = read_sequence(folder)
        rows = read_people(sequence)
        rows = rows.keep(np.isin(rows.frames, list(sequence.pictures)))
        cameras.append(TrackedCamera(sequence, rows, _embeddings(folder)))
    return cameras


def _embeddings(folder: Path) -> dict[int, np.ndarray]:
    path = folder / EMBEDDINGS
    if not path.is_file():
        return {}
    try:
        with np.load(path, allow_pickle=False) as stored:
            tracks, rows = stored["tracks"], stored["embeddings"]
        return dict(zip(tracks.tolist(), rows, strict=True))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DataLayoutError(
            f"{path} is damaged ({error}); delete it: the tracks can be looked at "
            "without it."
        ) from error


def views(camera: TrackedCamera, row: PeopleRow, amount: int) -> list[np.ndarray]:
    """Pictures of a track's part, spread evenly over it.

    Returns:
        At most ``amount`` crops, uint8 (H, W, 3) BGR.
    """
    rows = camera.rows
    mask = (rows.tracks == row.track) & (rows.frames >= row.first)
    places = np.flatnonzero(mask & (rows.frames <= row.last))
    if len(places) > amount:
        spread = np.linspace(0, len(places) - 1, amount).round().astype(int)
        places = places[spread]
    crops = []
    for place in places.tolist():
        image = read_picture(camera.picture(int(rows.frames[place])))
        x1, y1, x2, y2 = rows.boxes[place].round().astype(int).tolist()
        crop = image[max(y1, 0) : max(y2, 1), max(x1, 0) : max(x2, 1)]
        if crop.size:
            crops.append(np.ascontiguousarray(crop))
    return crops


@dataclass(frozen=True)
class Likeness:
    """How much all tracks look like each other.

    Attributes:
        names: N ``camera/track``.
        cosines: (N, N), -inf between tracks that cannot be one person, since one
            camera sees both in the same frame, and on the diagonal.
    """

    names: list[str]
    cosines: np.ndarray

    @classmethod
    def of(cls, cameras: Sequence[TrackedCamera]) -> Likeness:
        """Compare all tracks that have an embedding."""
        names, rows, seen = [], [], []
        for place, camera in enumerate(cameras):
            for track, embedding in sorted(camera.embeddings.items()):
                frames = camera.rows.frames[camera.rows.tracks == track]
                if len(frames):
                    names.append(f"{camera.name}/{track}")
                    rows.append(embedding)
                    seen.append((place, set(frames.tolist())))
        stacked = np.stack(rows) if rows else np.zeros((0, 1))
        cosines = (stacked @ stacked.T).astype(np.float64)
        for i, (camera, frames) in enumerate(seen):
            for j, (other, others) in enumerate(seen):
                if i == j or (camera == other and not frames.isdisjoint(others)):
                    cosines[i, j] = -np.inf
        return cls(names, cosines)

    def nearest(self) -> dict[str, tuple[str, float]]:
        """Name -> the track it looks most like, and their cosine."""
        if len(self.names) < 2:
            return {}
        best = self.cosines.argmax(axis=1)
        return {
            name: (self.names[best[i]], float(self.cosines[i, best[i]]))
            for i, name in enumerate(self.names)
            if np.isfinite(self.cosines[i, best[i]])
        }

    def people(self, above: float) -> dict[str, str]:
        """Name -> name of the first track that is probably the same person.

        Groups are joined while the mean cosine between their tracks is above
        ``above``, the most similar first; nobody is in one frame twice.
        """
        if len(self.names) < 2:
            return {name: name for name in self.names}
        distances = np.where(np.isfinite(self.cosines), 1 - self.cosines, APART)
        upper = distances[np.triu_indices(len(self.names), 1)]
        groups = fcluster(linkage(upper, "average"), 1 - above, "distance").tolist()
        first = {group: self.names[groups.index(group)] for group in groups}
        return {
            name: first[group] for name, group in zip(self.names, groups, strict=True)
        }
