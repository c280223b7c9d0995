"""The results of the tab Search: ranking, timeline, judgements, removal."""

from __future__ import annotations

import time
from collections.abc import Iterator

import gradio as gr
import numpy as np

from mmpsearch.apis.appearance_report import timeline_bars
from mmpsearch.app import cards
from mmpsearch.app.answers import Answer
from mmpsearch.app.page.picture_events import PictureEvents
from mmpsearch.app.page.search_exports import read_options
from mmpsearch.app.page.tab_sessions import TabSessions
from mmpsearch.app.pictures import data_address
from mmpsearch.app.service import SearchService
from mmpsearch.app.sessions import DIFFERENT, SAME, Session
from mmpsearch.errors import ImageReadError, InputError, UserError
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.search_result import Match
from mmpsearch.visualization.timeline import STYLE, timeline_html

PATIENCE = 0.25  # seconds that a ranking waits for its pictures


class ResultEvents:
    """Answers searches, and what is done to their results.

    Args:
        service: What all users share.
        tabs: Whose search it is.
        picture: In which the person is chosen.
    """

    def __init__(
        self, service: SearchService, tabs: TabSessions, picture: PictureEvents
    ) -> None:
        self.service, self.tabs, self.picture = service, tabs, picture

    def picked(
        self, key: str, event: gr.EventData, request: gr.Request, *options
    ) -> Iterator[tuple]:
        """A person was clicked, or a box was drawn; the browser shows that itself."""
        data = event._data or {}
        session = self.tabs.of(key, request)
        try:
            if "person" in data:
                session = self.service.choose(session, int(data["person"]))
            else:
                session = self.service.draw(session, data.get("box") or [])
        except (UserError, OSError) as error:
            # another value than the one before, so that the browser's marks go
            picker = f"{self.picture.picker(session)}<!-- {time.monotonic_ns()} -->"
            said = cards.note(str(error), "error")
            yield session.key, picker, gr.skip(), gr.skip(), said
            return
        for shown in self._answering(session, options):
            yield session.key, gr.skip(), *shown

    def search(self, key: str, request: gr.Request, *options) -> Iterator[tuple]:
        """Search for the session's person, if there is one."""
        session = self.tabs.of(key, request)
        if session.embedding is None:
            yield gr.skip(), gr.skip(), gr.skip()
            return
        yield from self._answering(session, options)

    def acted(
        self, key: str, event: gr.EventData, request: gr.Request, *options
    ) -> Iterator[tuple]:
        """A button of a result."""
        data = event._data or {}
        nothing = [gr.skip()] * 4
        if "do" not in data:
            yield gr.skip(), *nothing
            return
        session = self.tabs.of(key, request)
        try:
            if data["do"] not in (SAME, DIFFERENT):
                match = self.service.match(int(data["id"]))
                yield session.key, self._viewer(match, data["do"]), *nothing[:2], ""
                return
            session = self.service.mark(session, int(data["id"]), data["do"])
        except (UserError, OSError) as error:
            yield gr.skip(), *nothing[:-1], cards.note(str(error), "error")
            return
        for shown in self._answering(session, options):
            yield session.key, gr.skip(), *shown

    def viewed(self, key: str, event: gr.EventData, request: gr.Request) -> tuple:
        """A button of the dialog."""
        data = event._data or {}
        nothing = [gr.skip()] * 6
        if "do" not in data:
            return gr.skip(), *nothing
        try:
            match = self.service.match(int(data["id"]))
            if data["do"] == "look":
                session = self.service.viewing.open_match(
                    self.tabs.of(key, request), match
                )
                return "", *self.picture.looking(session)
            if data["do"] == "remove":
                marks = self.tabs.of(key, request).marks.values()
                alike = sum(mark == SAME for mark in marks)
                return cards.removal(match, alike), *nothing
            if data["do"] in ("removed", "removed-same"):
                return "", *nothing[:-1], self._removed(key, match, data["do"], request)
            return self._viewer(match, data["do"]), *nothing
        except (UserError, OSError) as error:
            return gr.skip(), *nothing[:-1], cards.note(str(error), "error")

    def _answering(self, session: Session, options: tuple) -> Iterator[tuple]:
        """Results, timeline and what is said: first the ranking, where its pictures
        take a while, then the pictures, then the timeline.
        """
        try:
            answer = self.service.answer(session, read_options(*options))
        except (UserError, OSError) as error:
            yield gr.skip(), gr.skip(), cards.note(str(error), "error")
            return
        pictures = self.service.pictures.begin(cards.shown_matches(answer))
        if not pictures.wait(PATIENCE):
            yield cards.results(answer, None), gr.skip(), ""
        yield cards.results(answer, pictures.all()), gr.skip(), ""
        yield gr.skip(), self._timeline(answer), ""

    def _timeline(self, answer: Answer) -> str:
        if not answer.appearances:
            return cards.note(
                "No appearance can be told: of still pictures the time must be known, "
                "and somebody must reach the threshold."
            )

        def read(match):
            try:
                return self.service.pictures.read(match)
            except (InputError, OSError) as error:
                raise ImageReadError(match.path, str(error)) from error

        def embed(picture, kind, words):
            if picture is None:
                return ""
            address = data_address(picture)
            return f'<img class="{kind}" alt="{cards.escape(words)}" src="{address}">'

        bars = timeline_bars(answer.appearances[:30], read)
        return f"<style>{STYLE}</style>{timeline_html(bars, embed)}"

    def _viewer(self, match, kind: str) -> str:
        pictures = self.service.pictures
        if kind == "clip":
            return cards.viewer(match, pictures.clip(match), "clip")
        return cards.viewer(match, pictures.scene(match))

    def _removed(self, key: str, match: Match, how: str, request: gr.Request) -> str:
        """Remove a sighting, or all that were judged the same person."""
        ids = [match.id]
        if how == "removed-same":
            marks = self.tabs.of(key, request).marks
            ids = sorted(number for number, mark in marks.items() if mark == SAME)
        where = Where(ids=np.array(ids, np.int64))
        forgotten = self.service.care.forget(where, "removed on the page")
        return cards.note(f"{forgotten.people} removed for good.")
