"""The unit of work: a part of a video, or some pictures, of one camera."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np

from mmpsearch.apis.sources.cameras import Camera
from mmpsearch.apis.sources.frame import FrameChoice
from mmpsearch.gallery.store import FileState


@dataclass(frozen=True, eq=False)
class Unit:
    """What is extracted at once, and kept as one file.

    Attributes:
        paths: One video, or several pictures; absolute.
        states: Size and time stamp of each, when the unit was planned.
        camera: Its name, start, zones and choice of frames; ``source`` is ``""``.
        first: Number of the first frame of a part of a video.
        last: Number of the frame behind the last one; None: to the end.
    """

    paths: tuple[str, ...]
    states: tuple[FileState, ...]
    camera: Camera
    first: int = 0
    last: int | None = None

    @property
    def key(self) -> str:
        """20 hexadecimal digits, the same for the same work wherever it is planned."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]

    @property
    def size(self) -> float:
        """Bytes that are read for it, by which units are dealt out.

        A part of a video counts by its share of the frames that are decoded.
        """
        return float(sum(max(state.size, 1) for state in self.states))

    def choice(self) -> FrameChoice:
        """A new choice of the frames of this part."""
        return FrameChoice(
            self.camera.frame_step or 1, self.camera.fps, self.first, self.last
        )

    def __str__(self) -> str:
        if len(self.paths) > 1:
            return f"{self.paths[0]} and {len(self.paths) - 1} more"
        if self.first or self.last is not None:
            end = "the end" if self.last is None else self.last
            return f"{self.paths[0]}, frames {self.first} to {end}"
        return self.paths[0]

    def to_json(self) -> dict:
        """What ``from_json`` reads."""
        camera = self.camera
        return {
            "paths": list(self.paths),
            "states": [[state.size, state.modified] for state in self.states],
            "camera": camera.camera,
            "start": camera.start,
            "ignore": [zone.tolist() for zone in camera.ignore],
            "frame_step": camera.frame_step,
            "fps": camera.fps,
            "first": self.first,
            "last": self.last,
        }

    @classmethod
    def from_json(cls, entry: dict) -> Unit:
        """The unit that ``to_json`` wrote.

        Raises:
            KeyError, TypeError, ValueError: It is none.
        """
        return cls(
            paths=tuple(map(str, entry["paths"])),
            states=tuple(FileState(int(a), int(b)) for a, b in entry["states"]),
            camera=Camera(
                source="",
                camera=entry["camera"],
                start=entry["start"],
                ignore=tuple(np.asarray(one, np.float32) for one in entry["ignore"]),
                frame_step=entry["frame_step"],
                fps=entry["fps"],
            ),
            first=int(entry["first"]),
            last=None if entry["last"] is None else int(entry["last"]),
        )
