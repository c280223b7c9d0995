"""The page's operations for other programs, over Gradio's HTTP API.

Pictures are uploaded first (``gradio_client.handle_file`` does it); they are deleted
when the call is answered. Whatever is asked for goes through the same service as the
page, with the same limits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps

import gradio as gr
import numpy as np

from mmpsearch.app import exports
from mmpsearch.app.answers import SearchOptions
from mmpsearch.app.labels import TrackLabels, key_of
from mmpsearch.app.media import MediaRoots
from mmpsearch.app.model_facts import model_facts, model_warnings
from mmpsearch.app.page.telling import user_of
from mmpsearch.app.service import SearchService
from mmpsearch.app.sessions import DIFFERENT, SAME
from mmpsearch.app.sources import list_sources
from mmpsearch.errors import InputError, UserError
from mmpsearch.gallery.filters import Where

REPORTS = {
    "json": exports.as_json,
    "csv": exports.as_csv,
    "appearances": exports.as_appearances_csv,
}


class Api:
    """One method a call; arguments and answers are plain JSON.

    Args:
        service: What all users share.
    """

    def __init__(self, service: SearchService) -> None:
        self.service = service

    def find_people(self, picture: dict, seconds: float = 0.0) -> dict:
        """Find everybody in a picture, or at a moment of a video.

        Returns width, height and people, each with its box (x1, y1, x2, y2 in pixels)
        and score.
        """
        image = self._image(picture, seconds)
        with self.service.turns.now():
            (found,) = self.service.inferencer.detect([image])
        people = zip(found.boxes.tolist(), found.scores.tolist(), strict=True)
        return {
            "width": found.width,
            "height": found.height,
            "people": [{"box": box, "score": score} for box, score in people],
        }

    def search(
        self,
        picture: dict,
        box: list[float] | None = None,
        top_k: int = 12,
        threshold: float | None = None,
        cameras: list[str] | None = None,
        since: str = "",
        until: str = "",
        one_per: str = "image",
        same: list[int] | None = None,
        different: list[int] | None = None,
        seconds: float = 0.0,
    ) -> dict:
        """Look for the person in the box; without a box the picture shows that person
        alone. same and different are ids of judged results.

        Returns found, searched, threshold, matches and appearances.
        """
        given = (box, top_k, threshold, cameras, since, until, one_per, same, different)
        return exports.as_dict(self._answer(picture, seconds, *given))

    def report(
        self,
        picture: dict,
        box: list[float] | None = None,
        kind: str = "html",
        top_k: int = 12,
        threshold: float | None = None,
        cameras: list[str] | None = None,
        since: str = "",
        until: str = "",
        one_per: str = "image",
        same: list[int] | None = None,
        different: list[int] | None = None,
        seconds: float = 0.0,
    ) -> str:
        """As search; the answer as one text: kind is html (a page that needs nothing
        beside itself), csv, appearances (csv) or json.
        """
        if kind != "html" and kind not in REPORTS:
            raise InputError(f"kind {kind!r} is none of html, {', '.join(REPORTS)}")
        given = (box, top_k, threshold, cameras, since, until, one_per, same, different)
        answer = self._answer(picture, seconds, *given)
        if kind == "html":
            return exports.as_report(answer, self.service.pictures.read)
        return REPORTS[kind](answer)

    def frame(self, person: int) -> str:
        """The whole picture of a result with the person's box, as a data: address."""
        return self.service.pictures.scene(self.service.match(person))

    def clip(self, person: int) -> str:
        """A few seconds of video around a result, as a data: address (WebM)."""
        return self.service.pictures.clip(self.service.match(person))

    def add(
        self,
        path: str,
        camera: str = "",
        start: str = "",
        fps: float = 2.0,
        tracks: bool = False,
        request: gr.Request = None,
    ) -> dict:
        """Add a folder, picture or video below the media folders, in the background.

        Returns the job; jobs tells how far it is.
        """
        options = dict(camera=camera, start=start, fps=fps, tracks=tracks)
        return asdict(self.service.add(path, user_of(request), **options))

    def follow(
        self, path: str, frame_step: int = 1, request: gr.Request = None
    ) -> dict:
        """Follow the people of a video below the media folders, in the background.

        Returns the job; jobs tells how far it is.
        """
        return asdict(self.service.follow(path, user_of(request), int(frame_step)))

    def tracks(self) -> list[dict]:
        """Tracks, or parts of them, each with its key and the person it was said to
        be.
        """
        rows = self._labels().rows()
        return [{"key": key_of(row), **asdict(row)} for row in rows]

    def label(self, keys: list[str], person: str) -> int:
        """Say who tracks are, by their keys: a name, discard, or an empty text for a
        person whom nobody can tell. Returns how many were changed.
        """
        return self._labels().name(keys, person)

    def split(self, key: str, frame: int) -> list[dict]:
        """Say that a track passes to another person, whose first frame is given.

        Returns the tracks.
        """
        self._labels().split(key, int(frame))
        return self.tracks()

    def training_set(
        self, name: str, frame_step: int = 3, test_images_by: str = "time"
    ) -> dict:
        """Write the labelled tracks as a training set beside their folder.

        Returns the new folder, and counts of what is in it.
        """
        labels = self._labels()
        folder, counts = labels.export(name, int(frame_step), test_images_by)
        return {"folder": str(folder), **counts}

    def _labels(self) -> TrackLabels:
        if self.service.labels is None:
            raise InputError("start the page with --tracks FOLDER")
        return self.service.labels

    def jobs(self) -> list[dict]:
        """Work in the background, the newest first."""
        return [asdict(job) for job in self.service.jobs.list()]

    def stop(self, number: int) -> str:
        """Stop a job; what was added stays."""
        self.service.jobs.stop(number)
        return "it stops after the picture it is at"

    def sources(self) -> list[dict]:
        """What the gallery was filled from, with counts."""
        rows = [asdict(row) for row in list_sources(self.service.gallery)]
        return [{**row, "cameras": [*row["cameras"]]} for row in rows]

    def remove(
        self,
        ids: list[int] | None = None,
        files: list[str] | None = None,
        cameras: list[str] | None = None,
        reason: str = "",
    ) -> dict:
        """Remove people, files or cameras (one of the three) for good."""
        if sum(map(bool, (ids, files, cameras))) != 1:
            raise InputError("remove takes one of ids, files and cameras")
        if ids:
            where = Where(ids=np.array(ids, np.int64))
        elif files:
            where = Where(paths=frozenset(files))
        else:
            where = Where(cameras=frozenset(cameras))
        forgotten = self.service.care.forget(where, reason)
        return {"people": forgotten.people, "reports": forgotten.reports}

    def retention(self, days: float) -> dict:
        """Remove for good everybody who was seen more than so many days ago, now; as
        mmpsearch gallery retention does. Days may be a fraction.
        """
        return {"people": self.service.care.keep_days(float(days))}

    def removed(self) -> list[dict]:
        """What was removed for good, with keys for allow."""
        return exports.readable(
            [asdict(one) for one in self.service.gallery.suppressed]
        )

    def allow(self, keys: list[str]) -> int:
        """Let come back what was removed, when it is added again."""
        return self.service.care.allow_again(keys)

    def model(self) -> dict:
        """Which model it is, what is known about it, and warnings."""
        service = self.service
        facts = model_facts(service.inferencer, service.gallery, service.model_name)
        return {**facts, "warnings": model_warnings(service.inferencer)}

    def _image(self, picture: dict, seconds: float):
        path = picture.get("path") if isinstance(picture, dict) else None
        if not isinstance(path, str):
            raise InputError("picture: upload it first, and give what that returns")
        uploads = MediaRoots([self.service.state / "uploads"])
        try:
            path = uploads.allowed(path)
        except InputError:
            raise InputError(
                "picture: is not an upload to this page, or was used: an upload is "
                "for one call"
            ) from None
        return self.service.viewing.read_upload(path, seconds)

    def _answer(
        self,
        picture,
        seconds,
        box,
        top_k,
        threshold,
        cameras,
        since,
        until,
        one_per,
        same,
        different,
    ):
        options = SearchOptions(
            int(top_k), threshold, tuple(cameras or ()), since, until, one_per
        )
        query = self.service.embed(self._image(picture, seconds), box or None)
        marks = dict.fromkeys(map(int, same or ()), SAME)
        marks |= dict.fromkeys(map(int, different or ()), DIFFERENT)
        return self.service.search(query, options, marks)


CALLS = (
    "find_people search report frame clip add follow jobs stop sources remove "
    "retention removed allow tracks label split training_set model"
).split()
WRONG = (UserError, OSError, ImportError, TypeError, ValueError)


def build_api(service: SearchService) -> None:
    """Give every call its name; called inside ``gr.Blocks``."""
    api = Api(service)
    for name in CALLS:
        method = getattr(api, name)
        words = " ".join(method.__doc__.split())
        gr.api(_answering(method), api_name=name, api_description=words)


def with_files(value: object) -> object:
    """The same values, in which ``path`` is called ``file``.

    What has a ``path`` Gradio's clients take for a file to download, which is refused.
    """
    if isinstance(value, dict):
        names = {"path": "file"}
        return {names.get(key, key): with_files(item) for key, item in value.items()}
    return [*map(with_files, value)] if isinstance(value, list) else value


def _answering(method: Callable) -> Callable:
    """The same, whose errors are told to the caller in one line."""

    @wraps(method)
    def call(*args):
        try:
            return with_files(exports.readable(method(*args)))
        except WRONG as error:
            words = " ".join(str(error).split())
            raise gr.Error(words, print_exception=False) from None

    return call
