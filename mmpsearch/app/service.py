"""What all users of a page share, and every operation on it; no Gradio here."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from mmpsearch.apis.drawn_people import drawn_people_warning
from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.apis.person_search import Query, read_query
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.app.adding import add_source
from mmpsearch.app.answers import Answer, SearchOptions, answer
from mmpsearch.app.following import follow_source, new_camera
from mmpsearch.app.gallery_care import GalleryCare
from mmpsearch.app.jobs import Job, Jobs
from mmpsearch.app.labels import TrackLabels
from mmpsearch.app.measured_rates import MeasuredRates
from mmpsearch.app.media import MediaRoots
from mmpsearch.app.pictures import Pictures
from mmpsearch.app.sessions import Session, Sessions
from mmpsearch.app.turns import Turns
from mmpsearch.app.uploads import UploadLimits, forget_uploads
from mmpsearch.app.viewing import Viewing
from mmpsearch.errors import GalleryError, InputError
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.search_result import Match
from mmpsearch.gallery.searching import match_of

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

    Attributes:
        viewing: Opens what sessions look at.
        rates: How alike different people of the gallery look.
        care: Removes from the gallery.
        jobs: Work in the background.
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
        self.state = state
        self.model_name = model_name
        self.labels = None if tracks is None else TrackLabels(tracks)
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.turns = Turns()
        self.pictures = Pictures(media)
        self.sessions = Sessions(state / "sessions")
        self.limits = limits or UploadLimits()
        self.viewing = Viewing(
            inferencer, gallery, media, self.sessions, self.turns, self.limits
        )
        self.rates = MeasuredRates(gallery)
        self.care = GalleryCare(gallery, state, writable, self._removed)
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
        query = self.embed(self.viewing.image(session), box)
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
            image=self.viewing.image(session),
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
        threshold = self.rates.learned_threshold()
        found = answer(self.gallery, query, options, marks, threshold)
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

    def warning(self) -> str:
        """What must be said of the model's answers; ``""``: nothing."""
        return drawn_people_warning(self.inferencer, self.gallery.files)

    # work in the background ------------------------------------------------------

    def add(self, path: str, user: str = "", **options) -> Job:
        """Add a file or folder in the background; see ``add_source``.

        Raises:
            InputError: It lies outside the media roots, or nothing may be changed.
        """
        self.care.require_writable()
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

    def _removed(self) -> None:
        """Keep nothing of those who were removed from the gallery."""
        self.pictures.forget()
        self.rates.forget()

    def _due(self) -> None:
        """What the background thread does between jobs."""
        self.sessions.sweep()
        forget_uploads(self.state / "uploads", time.time() - UPLOADED)
        self.care.keep_to_retention()
