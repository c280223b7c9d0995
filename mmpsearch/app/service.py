"""What all users of a page share, and every operation on it; no Gradio here."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from mmpsearch.apis.drawn_people import drawn_people_warning
from mmpsearch.apis.image_sources import SourceImage, is_video
from mmpsearch.apis.person_search import Query, read_query
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.sources.seeking import (
    read_frame_at,
    video_length,
    video_rate,
)
from mmpsearch.app.adding import add_source
from mmpsearch.app.answers import Answer, SearchOptions, answer
from mmpsearch.app.following import follow_source, new_camera
from mmpsearch.app.jobs import Job, Jobs
from mmpsearch.app.labels import TrackLabels
from mmpsearch.app.media import MediaRoots, short_name
from mmpsearch.app.pictures import Pictures
from mmpsearch.app.sessions import Session, Sessions, Viewed
from mmpsearch.app.turns import Turns
from mmpsearch.app.uploads import UploadLimits, take_upload
from mmpsearch.errors import GalleryError, ImageReadError, InputError
from mmpsearch.gallery.different_people import FALSE_ACCEPT_RATE, FEWEST, OUTLIERS
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.forgetting import Forgotten, forget
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.pair_rates import PairRates, pair_rates
from mmpsearch.gallery.removal import keep_days
from mmpsearch.gallery.search_result import Match
from mmpsearch.gallery.searching import match_of
from mmpsearch.gallery.threshold import suggest_threshold
from mmpsearch.utils.atomic import replace_when_done

DECODED = 8  # pictures that users look at, kept decoded
GROWN = 1.1  # rates are measured again when the gallery has grown so much
DAY = 86400.0
UPLOADED = 3600.0  # seconds after which an upload that nobody asked about is deleted


class SearchService:
    """A model and a gallery, for any number of users.

    Args:
        inferencer: The model.
        gallery: Searched, and filled where it is open for writing.
        media: Folders that may be read and shown.
        state: The page's own folder: sessions, jobs, settings.
        limits: Of uploads.
        writable: The gallery may be changed.
        model_name: As the user named the model; None: by files.
        tracks: Folder of tracks to be labelled; made when a video is followed.
    """

    def __init__(
        self,
        inferencer: SceneInferencer,
        gallery: Gallery,
        media: MediaRoots,
        state: Path,
        limits: UploadLimits | None = None,
        writable: bool = True,
        model_name: str | None = None,
        tracks: Path | None = None,
    ) -> None:
        gallery.check_model(inferencer.fingerprint)
        self.inferencer, self.gallery, self.media = inferencer, gallery, media
        self.state, self.writable = state, writable
        self.model_name = model_name
        self.labels = None if tracks is None else TrackLabels(tracks)
        self.limits = limits or UploadLimits()
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.turns = Turns()
        self.pictures = Pictures(media)
        self.sessions = Sessions(state / "sessions")
        self._decoded: OrderedDict[tuple, SourceImage] = OrderedDict()
        self._lock = threading.Lock()
        self._rates: tuple[int, PairRates] | None = None
        add = partial(
            add_source,
            inferencer=inferencer,
            gallery=gallery,
            media=media,
            turns=self.turns,
        )
        follow = partial(
            follow_source,
            inferencer=inferencer,
            labels=self.labels,
            media=media,
            turns=self.turns,
        )
        work = {"add": add, "follow": follow}
        self.jobs = Jobs(state / "jobs", work, self._due)

    def close(self) -> None:
        """Leave running work to the next start, and let others write the gallery."""
        self.jobs.close()
        self.gallery.close()

    # looking at a picture ----------------------------------------------------

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

    # looking for a person ----------------------------------------------------

    def choose(self, session: Session, person: int) -> Session:
        """Look for somebody who was found in the picture.

        Args:
            session: With a picture.
            person: From 0, in the order in which people were found.
        """
        if not 0 <= person < len(session.people):
            raise InputError(f"there is no person {person + 1} in this picture")
        session = session.looking_for(
            session.people[person], session.embeddings[person]
        )
        self.sessions.save(session)
        return session

    def draw(self, session: Session, box: Sequence[float]) -> Session:
        """Look for the person in a box, xyxy in pixels of the picture.

        Raises:
            QueryBoxError: The box is empty or lies outside.
        """
        query = self.embed(self.image(session), box)
        session = session.looking_for(query.box.tolist(), query.embedding.tolist())
        self.sessions.save(session)
        return session

    def embed(self, image: SourceImage, box: Sequence[float] | None) -> Query:
        """A query, embedded in turn."""
        with self.turns.now():
            return read_query(self.inferencer, image, box)

    def mark(self, session: Session, person: int, judgement: str) -> Session:
        """Judge a result; once more takes it back."""
        session = session.marked(person, judgement)
        self.sessions.save(session)
        return session

    def query(self, session: Session) -> Query:
        """Who is looked for.

        Raises:
            InputError: Nobody yet.
        """
        if session.embedding is None:
            raise InputError("click on a person, or draw a box around one")
        return Query(
            image=self.image(session),
            box=np.array(session.box, np.float32),
            embedding=np.array(session.embedding, np.float32),
            fingerprint=self.inferencer.fingerprint,
            is_crop=False,
        )

    def answer(self, session: Session, options: SearchOptions) -> Answer:
        """Search for the session's person."""
        return self.search(self.query(session), options, session.marks)

    def search(
        self,
        query: Query,
        options: SearchOptions,
        marks: dict[int, str] | None = None,
    ) -> Answer:
        """Search for anybody.

        Raises:
            GalleryError: A filter that cannot be read.
        """
        if not len(self.gallery):
            raise GalleryError("the gallery is empty: add a folder or a video first")
        found = answer(self.gallery, query, options, marks, self.learned_threshold())
        return replace(found, note=self.warning())

    def match(self, person: int) -> Match:
        """One of the gallery's people by number.

        Raises:
            InputError: Nobody has it (any more).
        """
        with self.gallery.held():
            records = self.gallery.store.fetch(np.array([person], np.int64))
        if not len(records):
            raise InputError("this person is not in the gallery any more")
        return match_of(1, records, 0, float("nan"))

    # thresholds --------------------------------------------------------------

    def rates(self) -> PairRates:
        """Measured on the gallery's own pairs, and again when it has grown."""
        size = len(self.gallery)
        known = self._rates
        if known is None or not known[0] / GROWN <= size <= known[0] * GROWN:
            with self.gallery.held():
                known = self._rates = (size, pair_rates(self.gallery))
        return known[1]

    def learned_threshold(self) -> float | None:
        """As ``threshold_of_different_people``; None: too few pairs."""
        different = self.rates().different
        if len(different) < FEWEST:
            return None
        rate = max(FALSE_ACCEPT_RATE, OUTLIERS / len(different))
        nobody = np.zeros(len(different), bool)
        return suggest_threshold(different, nobody, rate).threshold

    def warning(self) -> str:
        """What must be said of the model's answers; ``""``: nothing."""
        return drawn_people_warning(self.inferencer, self.gallery.files)

    # the gallery's care ------------------------------------------------------

    def add(self, path: str, user: str = "", **options) -> Job:
        """Add a file or folder in the background; see ``add_source``.

        Raises:
            InputError: It lies outside the media roots, or nothing may be changed.
        """
        self.require_writable()
        self.media.allowed(path)
        return self.jobs.add("add", os.path.abspath(path), options, user)

    def follow(self, path: str, user: str = "", frame_step: int = 1) -> Job:
        """Follow a video's people in the background; see ``follow_source``.

        Raises:
            InputError: It is no video of the media folders, was followed before, or no
                folder of tracks was named.
        """
        if frame_step < 1:
            raise InputError(f"every {frame_step}-th frame: give a number from 1")
        path = os.path.abspath(path)
        new_camera(path, self.labels, self.media)
        return self.jobs.add("follow", path, {"frame_step": frame_step}, user)

    def forget(self, where: Where, reason: str = "") -> Forgotten:
        """Remove people for good, with the reports that show them."""
        self.require_writable()
        forgotten = forget(self.gallery, where, reason=reason)
        self.pictures.forget()
        self._rates = None
        return forgotten

    def allow_again(self, keys: Sequence[str]) -> int:
        """Lift removals by their keys."""
        self.require_writable()
        count = self.gallery.allow_again(keys)
        self.gallery.flush()
        return count

    def keep_days(self, days: float) -> int:
        """Remove for good who was seen longer ago; returns how many."""
        self.require_writable()
        with self.gallery.held():
            count = keep_days(self.gallery.store, days, time.time())
            self.gallery.flush()
        if self.gallery.audit is not None:
            self.gallery.audit.write("retention", days=days, people=count)
        self.pictures.forget()
        self._rates = None
        return count

    @property
    def retention(self) -> float | None:
        """Days that are kept; None: no limit."""
        try:
            content = json.loads((self.state / "settings.json").read_text())
            return content["retention_days"]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def set_retention(self, days: float | None) -> None:
        """Apply ``keep_days`` every day while the page runs."""
        self.require_writable()
        if days is not None and not 0 < days < 1e6:
            raise InputError(f"{days} is not a number of days")
        with replace_when_done(self.state / "settings.json") as temporary:
            temporary.write_text(json.dumps({"retention_days": days}))
        self._retained = 0.0

    def require_writable(self) -> None:
        """Refuse changes to a gallery that is only read.

        Raises:
            GalleryError: It is.
        """
        if not self.writable:
            raise GalleryError(
                "the gallery is only read here: another process writes it, or the page "
                "was started with --read-only"
            )

    _retained = 0.0  # Unix time of the last look

    def _due(self) -> None:
        """What the background thread does between jobs."""
        self.sessions.sweep()
        forget_uploads(self.state / "uploads", time.time() - UPLOADED)
        days = self.retention if self.writable else None
        if days is not None and time.time() - self._retained > DAY:
            self._retained = time.time()
            self.keep_days(days)


def _first(path: str, name: str, uploaded: bool) -> Viewed:
    """A picture, or the first frame of a video."""
    if is_video(path):
        return Viewed(path, name, uploaded, 0, 0.0)
    return Viewed(path, name, uploaded)


def _at(viewed: Viewed, seconds: float, rate: float) -> Viewed:
    """The frame of a video that is nearest to a moment."""
    frame = max(0, round(seconds * rate))
    return replace(viewed, frame=frame, time=frame / rate)


def forget_uploads(folder: Path, before: float) -> None:
    """Delete the files below a folder that were written before a Unix time."""
    for file in folder.rglob("*"):
        try:
            if file.is_file() and file.stat().st_mtime < before:
                file.unlink()
        except FileNotFoundError:  # taken meanwhile
            continue
