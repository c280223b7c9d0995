"""What a user looks at: an upload, a file of the gallery, a moment of a video."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from dataclasses import replace

from mmpsearch.apis.image_sources import SourceImage, is_video
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.sources.seeking import (
    read_frame_at,
    video_length,
    video_rate,
)
from mmpsearch.app.media import MediaRoots, short_name
from mmpsearch.app.sessions import Session, Sessions, Viewed
from mmpsearch.app.turns import Turns
from mmpsearch.app.uploads import UploadLimits, take_upload
from mmpsearch.errors import ImageReadError, InputError
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.search_result import Match

DECODED = 8  # pictures that users look at, kept decoded


class Viewing:
    """Opens what sessions look at, and finds everybody in it.

    Args:
        inferencer: The model.
        gallery: Whose files may be opened.
        media: Folders that may be read and shown.
        sessions: Keep who looks at what, and the uploads.
        turns: In which the model is used.
        limits: Of uploads.
    """

    def __init__(
        self,
        inferencer: SceneInferencer,
        gallery: Gallery,
        media: MediaRoots,
        sessions: Sessions,
        turns: Turns,
        limits: UploadLimits,
    ) -> None:
        self.inferencer, self.gallery, self.media = inferencer, gallery, media
        self.sessions, self.turns, self.limits = sessions, turns, limits
        self._decoded: OrderedDict[tuple, SourceImage] = OrderedDict()
        self._lock = threading.Lock()

    def upload(self, session: Session, file: str | os.PathLike) -> Session:
        """Look at a picture, or the first frame of a video, that a user uploaded.

        Raises:
            InputError: It is none, or too large.
        """
        name = short_name(os.fspath(file))
        path = take_upload(file, self.sessions.place(session), self.limits)
        return self._look(session, _first(str(path), name, uploaded=True))

    def read_upload(self, file: str | os.PathLike, seconds: float = 0.0) -> SourceImage:
        """A picture, or a frame of a video, that another program uploaded.

        The file is deleted, whatever it is.

        Raises:
            InputError: It is none, or too large.
        """
        name = short_name(os.fspath(file))
        session = self.sessions.begin()
        try:
            path = take_upload(file, self.sessions.place(session), self.limits)
            viewed = _first(str(path), name, uploaded=True)
            if viewed.frame == 0 and seconds > 0:
                viewed = _at(viewed, seconds, video_rate(path))
            pixels = read_frame_at(path, viewed.frame, viewed.time)
            return SourceImage(pixels, name, viewed.time, viewed.frame)
        finally:
            self.sessions.end(session.key)

    def open_file(self, session: Session, path: str) -> Session:
        """Look at a picture or video of the gallery.

        Raises:
            InputError: The gallery has no such file, or it may not be shown.
        """
        if self.gallery.store.file_state(path) is None:
            raise InputError(f"the gallery holds no file {short_name(path)}")
        self.media.allowed(path)
        viewed = _first(path, short_name(path), uploaded=False)
        return self._look(session, viewed)

    def open_match(self, session: Session, match: Match) -> Session:
        """Look at the picture of a result."""
        self.media.allowed(match.path)
        name = short_name(match.path)
        viewed = Viewed(match.path, name, False, match.frame, match.time)
        return self._look(session, viewed)

    def seek(self, session: Session, seconds: float) -> Session:
        """Another frame of the video that is looked at.

        Raises:
            InputError: It is no video.
        """
        viewed = session.viewed
        if viewed is None or viewed.frame < 0:
            raise InputError("open a video first; a picture has one moment only")
        moved = _at(viewed, seconds, video_rate(self._path(viewed)))
        return self._look(session, moved)

    def length(self, session: Session) -> float:
        """Seconds of the video that is looked at; 0 for a picture."""
        viewed = session.viewed
        if viewed is None or viewed.frame < 0:
            return 0.0
        return video_length(self._path(viewed))

    def image(self, session: Session) -> SourceImage:
        """What the session looks at, decoded.

        Raises:
            InputError: Nothing, or it cannot be read any more.
        """
        viewed = session.viewed
        if viewed is None:
            raise InputError("choose a picture first")
        key = (viewed.path, viewed.frame, viewed.time)
        with self._lock:
            if key in self._decoded:
                self._decoded.move_to_end(key)
                return self._decoded[key]
        try:
            pixels = read_frame_at(self._path(viewed), viewed.frame, viewed.time)
        except ImageReadError as error:
            raise ImageReadError(viewed.name, error.reason) from error
        path = viewed.name if viewed.uploaded else viewed.path
        image = SourceImage(pixels, path, viewed.time, viewed.frame)
        with self._lock:
            self._decoded[key] = image
            while len(self._decoded) > DECODED:
                self._decoded.popitem(last=False)
        return image

    def _path(self, viewed: Viewed) -> str:
        return viewed.path if viewed.uploaded else self.media.allowed(viewed.path)

    def _look(self, session: Session, viewed: Viewed) -> Session:
        looking = session.looking_at(viewed, [], [])
        if viewed.uploaded:  # a new upload has the name of the one before
            with self._lock:
                for key in [key for key in self._decoded if key[0] == viewed.path]:
                    del self._decoded[key]
        image = self.image(looking)
        with self.turns.now():
            (found,) = self.inferencer.detect([image])
        session = session.looking_at(
            viewed, found.boxes.tolist(), found.embeddings.tolist()
        )
        self.sessions.save(session)
        return session


def _first(path: str, name: str, uploaded: bool) -> Viewed:
    """A picture, or the first frame of a video."""
    if is_video(path):
        return Viewed(path, name, uploaded, 0, 0.0)
    return Viewed(path, name, uploaded)


def _at(viewed: Viewed, seconds: float, rate: float) -> Viewed:
    """The frame of a video that is nearest to a moment."""
    frame = max(0, round(seconds * rate))
    return replace(viewed, frame=frame, time=frame / rate)
