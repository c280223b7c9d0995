"""A folder of tracked videos: one MOT Challenge sequence a camera."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

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


def most_similar(cameras: list[TrackedCamera]) -> dict[str, tuple[str, float]]:
    """``camera/track`` -> the track it looks most like, and their cosine.

    Tracks of one camera that are seen in the same frame are two people and are not
    compared.
    """
    names, rows, spans = [], [], []
    for place, camera in enumerate(cameras):
        for track, embedding in camera.embeddings.items():
            frames = camera.rows.frames[camera.rows.tracks == track]
            if len(frames):
                names.append(f"{camera.name}/{track}")
                rows.append(embedding)
                spans.append((place, set(frames.tolist())))
    if len(names) < 2:
        return {}
    similarity = np.stack(rows) @ np.stack(rows).T
    for i, (camera, frames) in enumerate(spans):
        for j, (other, others) in enumerate(spans):
            if i == j or (camera == other and not frames.isdisjoint(others)):
                similarity[i, j] = -np.inf
    best = similarity.argmax(axis=1)
    return {
        name: (names[best[i]], float(similarity[i, best[i]]))
        for i, name in enumerate(names)
        if np.isfinite(similarity[i, best[i]])
    }
