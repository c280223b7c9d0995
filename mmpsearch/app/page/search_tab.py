"""The tab Search: a picture, a click, the ranking, judgements, exports."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import gradio as gr
import numpy as np

from mmpsearch.apis.appearance_report import timeline_bars
from mmpsearch.app import cards, exports
from mmpsearch.app.answers import Answer, SearchOptions
from mmpsearch.app.page.assets import RECALL, REMEMBER, SAVE_FILE
from mmpsearch.app.page.search_view import HINT, SearchView
from mmpsearch.app.page.telling import told, user_of
from mmpsearch.app.pictures import data_address, shown_picture
from mmpsearch.app.service import SearchService
from mmpsearch.app.sessions import DIFFERENT, SAME, Session
from mmpsearch.errors import ImageReadError, InputError, UserError
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.search_result import Match
from mmpsearch.visualization.timeline import STYLE, timeline_html

FILES = {
    "Report": ("search.html", "text/html"),
    "CSV": ("search.csv", "text/csv"),
    "JSON": ("search.json", "application/json"),
    "Appearances": ("appearances.csv", "text/csv"),
}
PATIENCE = 0.25  # seconds that a ranking waits for its pictures
LISTED = 2000  # files of the gallery to choose from
PRIVATE = {"api_visibility": "private"}


class SearchTab:
    """Builds the tab and answers its events.

    Args:
        service: What all users share.
    """

    def __init__(self, service: SearchService) -> None:
        self.service = service
        self._keys: dict[str, str] = {}  # the browser tab's -> the session's

    def build(self, page: gr.Blocks, tab: gr.Tab) -> None:
        """Lay it out, and answer; called inside ``gr.Blocks`` and the tab."""
        view = SearchView(self.service)
        answer = [view.results, view.timeline, view.said]
        looking = [view.key, view.picker, view.moment, *answer]
        search = dict(
            fn=self.search, inputs=[view.key, *view.options], outputs=answer, **PRIVATE
        )
        page.load(self.enter, view.key, looking, js=RECALL, **PRIVATE).then(
            None, view.key, None, js=REMEMBER, **PRIVATE
        ).then(
            self.learned,
            None,
            [view.file, view.cameras, view.threshold, view.rates],
            **PRIVATE,
        ).then(**search)
        page.unload(self.leave)
        for event, source in (
            (view.upload.upload, view.upload),
            (view.file.input, view.file),
        ):
            way = self.uploaded if source is view.upload else self.opened
            event(way, [view.key, source], [*looking, source], **PRIVATE)
        view.moment.input(
            self.sought,
            [view.key, view.moment],
            looking,
            trigger_mode="always_last",
            **PRIVATE,
        )
        # one event each, since every further one costs a way to the server and back
        view.picker.click(
            self.picked,
            [view.key, *view.options],
            [view.key, view.picker, *answer],
            show_progress_on=view.results,
            **PRIVATE,
        )
        view.by_box.click(
            self.boxed,
            [view.key, *view.corners],
            [view.key, view.picker, view.said],
            **PRIVATE,
        ).then(**search)
        for component in view.options:
            if component in (view.since, view.until):  # not at every letter
                component.submit(**search)
                component.blur(**search)
            else:
                component.input(**search, trigger_mode="always_last")
        view.threshold.change(self.tell_rates, view.threshold, view.rates, **PRIVATE)
        view.results.click(
            self.acted,
            [view.key, *view.options],
            [view.key, view.viewer, *answer],
            **PRIVATE,
        )
        view.viewer.click(
            self.viewed, view.key, [view.viewer, *looking], **PRIVATE
        ).then(**search)
        tab.select(
            self.came_back,
            [view.key, view.threshold],
            [view.file, view.cameras, view.rates, view.results],
            show_progress="hidden",
            **PRIVATE,
        )
        view.end.click(self.ended, view.key, looking, **PRIVATE).then(
            None, view.key, None, js=REMEMBER, **PRIVATE
        )
        for name, button in view.exports.items():
            button.click(
                self.exporter(name),
                [view.key, *view.options],
                [view.file_text, view.said],
                **PRIVATE,
            ).then(None, view.file_text, None, js=SAVE_FILE, **PRIVATE)

    # events ------------------------------------------------------------------

    def session(self, key: str, request: gr.Request) -> Session:
        """The session of a browser tab; of nobody else's.

        A tab that was just opened asks several things before it has been told its key.
        """
        tab = request.session_hash  # None of a call that no tab makes
        if not key and tab is not None:
            key = self._keys.get(tab, "")
        session = self.service.sessions.enter(key, user_of(request))
        if tab is not None:
            self._keys[tab] = session.key
        return session

    def enter(self, key: str, request: gr.Request) -> tuple:
        return self._looking(self.session(key, request))

    def learned(self) -> tuple:
        """Lists to choose from, and the threshold, which may have to be measured."""
        threshold = self.service.learned_threshold()
        known = 0.5 if threshold is None else round(max(0.0, threshold), 2)
        return *self.lists(), known, self.tell_rates(known)

    def came_back(self, key: str, threshold: float, request: gr.Request) -> tuple:
        """From another tab, where the gallery may have been filled."""
        session = self.session(key, request)
        results = self._no_results() if session.embedding is None else gr.skip()
        return *self.lists(), self.tell_rates(threshold), results

    def leave(self, request: gr.Request) -> None:
        if key := self._keys.pop(request.session_hash, None):
            self.service.sessions.leave(key)

    def uploaded(self, key: str, file: str | None, request: gr.Request) -> tuple:
        return self._look(key, request, self.service.upload, file)

    def opened(self, key: str, path: str | None, request: gr.Request) -> tuple:
        return self._look(key, request, self.service.open_file, path)

    def sought(self, key: str, seconds: float, request: gr.Request) -> tuple:
        return self._look(key, request, self.service.seek, seconds)[:-1]

    def _look(self, key: str, request: gr.Request, way, what: object) -> tuple:
        """Another picture; the last value clears the field that it came from."""
        if what is None:
            return *[gr.skip()] * 6, gr.skip()
        session = self.session(key, request)
        try:
            return *self._looking(way(session, what)), None
        except (UserError, OSError) as error:
            return *[gr.skip()] * 5, cards.note(str(error), "error"), None

    def _looking(self, session: Session) -> tuple:
        """Values of key, picker, moment, results, timeline and what is said."""
        empty = self._no_results()
        if session.viewed is None:
            hidden = gr.update(visible=False)
            return session.key, cards.note(HINT), hidden, empty, "", ""
        try:
            length = self.service.length(session)
            moment = gr.update(
                visible=length > 0,
                maximum=max(length, 0.1),
                value=session.viewed.time or 0,
            )
            return session.key, self._picker(session), moment, empty, "", ""
        except (InputError, OSError) as error:
            hidden = gr.update(visible=False)
            said = cards.note(str(error), "error")
            return session.key, cards.note(HINT), hidden, empty, "", said

    def _no_results(self) -> str:
        return cards.note(
            "Results appear here."
            if len(self.service.gallery)
            else "The gallery is empty: add a folder or a video in the tab Gallery."
        )

    def _picker(self, session: Session) -> str:
        image = self.service.image(session)
        height, width = image.pixels.shape[:2]
        return cards.picker(
            session.viewed.name,
            shown_picture(image.pixels),
            (width, height),
            session.people,
            session.box,
        )

    def picked(
        self, key: str, event: gr.EventData, request: gr.Request, *options
    ) -> Iterator[tuple]:
        """A person was clicked, or a box was drawn; the browser shows that itself."""
        data = event._data or {}
        session = self.session(key, request)
        try:
            if "person" in data:
                session = self.service.choose(session, int(data["person"]))
            else:
                session = self.service.draw(session, data.get("box") or [])
        except (UserError, OSError) as error:
            # another value than the one before, so that the browser's marks go
            picker = f"{self._picker(session)}<!-- {time.monotonic_ns()} -->"
            said = cards.note(str(error), "error")
            yield session.key, picker, gr.skip(), gr.skip(), said
            return
        for shown in self._answering(session, options):
            yield session.key, gr.skip(), *shown

    def boxed(
        self,
        key: str,
        left: float | None,
        top: float | None,
        right: float | None,
        bottom: float | None,
        request: gr.Request,
    ) -> tuple:
        corners = [corner or 0 for corner in (left, top, right, bottom)]
        return self._chosen(key, request, self.service.draw, corners)

    def _chosen(self, key: str, request: gr.Request, way, whom: object) -> tuple:
        session = self.session(key, request)
        try:
            session = way(session, whom)
            return session.key, self._picker(session), ""
        except (UserError, OSError) as error:
            return gr.skip(), gr.skip(), cards.note(str(error), "error")

    def search(self, key: str, request: gr.Request, *options) -> Iterator[tuple]:
        """Search for the session's person, if there is one."""
        session = self.session(key, request)
        if session.embedding is None:
            yield gr.skip(), gr.skip(), gr.skip()
            return
        yield from self._answering(session, options)

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

    def tell_rates(self, threshold: float) -> str:
        return cards.rates_text(self.service.rates(), threshold)

    def acted(
        self, key: str, event: gr.EventData, request: gr.Request, *options
    ) -> Iterator[tuple]:
        """A button of a result."""
        data = event._data or {}
        nothing = [gr.skip()] * 4
        if "do" not in data:
            yield gr.skip(), *nothing
            return
        session = self.session(key, request)
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

    def _viewer(self, match, kind: str) -> str:
        pictures = self.service.pictures
        if kind == "clip":
            return cards.viewer(match, pictures.clip(match), "clip")
        return cards.viewer(match, pictures.scene(match))

    def viewed(self, key: str, event: gr.EventData, request: gr.Request) -> tuple:
        """A button of the dialog."""
        data = event._data or {}
        nothing = [gr.skip()] * 6
        if "do" not in data:
            return gr.skip(), *nothing
        try:
            match = self.service.match(int(data["id"]))
            if data["do"] == "look":
                session = self.service.open_match(self.session(key, request), match)
                return "", *self._looking(session)
            if data["do"] == "remove":
                marks = self.session(key, request).marks.values()
                alike = sum(mark == SAME for mark in marks)
                return cards.removal(match, alike), *nothing
            if data["do"] in ("removed", "removed-same"):
                return "", *nothing[:-1], self._removed(key, match, data["do"], request)
            return self._viewer(match, data["do"]), *nothing
        except (UserError, OSError) as error:
            return gr.skip(), *nothing[:-1], cards.note(str(error), "error")

    def _removed(self, key: str, match: Match, how: str, request: gr.Request) -> str:
        """Remove a sighting, or all that were judged the same person."""
        ids = [match.id]
        if how == "removed-same":
            marks = self.session(key, request).marks
            ids = sorted(number for number, mark in marks.items() if mark == SAME)
        where = Where(ids=np.array(ids, np.int64))
        forgotten = self.service.forget(where, "removed on the page")
        return cards.note(f"{forgotten.people} removed for good.")

    def lists(self) -> tuple:
        """Files and cameras to choose from, as they are now."""
        gallery = self.service.gallery
        files = [(exports.readable(name), name) for name in gallery.files[:LISTED]]
        cameras = [camera for camera in gallery.cameras if camera]
        return gr.update(choices=files), gr.update(choices=cameras)

    def ended(self, key: str, request: gr.Request) -> tuple:
        self.service.sessions.end(self.session(key, request).key)
        return self._looking(self.service.sessions.begin(user_of(request)))

    def exporter(self, kind: str) -> Callable:
        """Answers the click on one of the export buttons."""
        name, media_type = FILES[kind]

        @told(1)
        def export(key: str, request: gr.Request, *options) -> str:
            session = self.session(key, request)
            answer = self.service.answer(session, read_options(*options))
            text = export_text(kind, answer, self.service)
            return json.dumps(dict(name=name, type=media_type, text=text))

        return export


def export_text(kind: str, answer: Answer, service: SearchService) -> str:
    """An answer as one of ``FILES``."""
    if kind == "Report":
        return exports.as_report(answer, service.pictures.read)
    ways = {
        "CSV": exports.as_csv,
        "JSON": exports.as_json,
        "Appearances": exports.as_appearances_csv,
    }
    return ways[kind](answer)


def read_options(
    threshold: float,
    limited: bool,
    cameras: list[str] | None,
    since: str,
    until: str,
    one_per: str,
    top_k: float,
) -> SearchOptions:
    """Values of the components."""
    return SearchOptions(
        top_k=int(top_k),
        threshold=float(threshold) if limited else None,
        cameras=tuple(cameras or ()),
        since=since or "",
        until=until or "",
        one_per=one_per,
    )
