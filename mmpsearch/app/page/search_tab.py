"""The tab Search: a picture, a click, the ranking, judgements, exports."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import gradio as gr

from mmpsearch.apis.appearance_report import timeline_bars
from mmpsearch.app import cards, exports
from mmpsearch.app.answers import MOST, Answer, SearchOptions
from mmpsearch.app.page.assets import RECALL, REMEMBER, SAVE_FILE, asset
from mmpsearch.app.page.telling import told, user_of
from mmpsearch.app.pictures import shown_picture
from mmpsearch.app.service import SearchService
from mmpsearch.app.sessions import DIFFERENT, SAME, Session
from mmpsearch.app.uploads import KINDS
from mmpsearch.errors import ImageReadError, InputError, UserError
from mmpsearch.visualization.timeline import STYLE, timeline_html

HINT = (
    "Choose a picture or a video above. Everybody in it is boxed; click on the person "
    "you look for."
)
EXPORTS = {
    "Report": ("search.html", "text/html"),
    "CSV": ("search.csv", "text/csv"),
    "JSON": ("search.json", "application/json"),
    "Appearances": ("appearances.csv", "text/csv"),
}
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

    def build(self, page: gr.Blocks) -> None:
        """Lay the components out; called inside ``gr.Blocks`` and its tab."""
        self.key = gr.Textbox(visible=False, elem_id="mmp-key")
        self.file_text = gr.Textbox(visible=False)
        self.said = gr.HTML(elem_id="mmp-said")
        with gr.Row(equal_height=False):
            with gr.Column(scale=4, min_width=320):
                self._build_picture()
            with gr.Column(scale=7, min_width=320):
                self._build_answer()
        self.viewer = gr.HTML(js_on_load=asset("actions.js"), elem_id="mmp-viewer")
        self._wire(page)

    def _build_picture(self) -> None:
        self.upload = gr.File(
            label="Picture or video with the person (drop it here, or choose one)",
            file_types=[*KINDS],
            type="filepath",
            height=150,
            elem_id="mmp-upload",
        )
        with gr.Accordion("Or one of the gallery", open=False):
            self.file = gr.Dropdown(
                label="Picture or video of the gallery",
                choices=[],
                elem_id="mmp-file",
            )
        self.moment = gr.Slider(
            0, 1, 0, step=0.1, visible=False, label="Moment of the video, in seconds"
        )
        self.picker = gr.HTML(
            cards.note(HINT), js_on_load=asset("picker.js"), elem_id="mmp-picker"
        )
        with gr.Accordion("A box in numbers", open=False):
            gr.HTML(cards.note("In pixels of the picture, for use without a mouse."))
            with gr.Row():
                self.corners = [
                    gr.Number(label=name, precision=0, minimum=0, min_width=70)
                    for name in ("left", "top", "right", "bottom")
                ]
            self.by_box = gr.Button("Look for the person in this box")
        self.end = gr.Button(
            "End this search and delete the upload", variant="secondary", size="sm"
        )

    def _build_answer(self) -> None:
        with gr.Accordion("Threshold and filters", open=True):
            with gr.Row():
                self.threshold = gr.Slider(
                    0, 1, 0.5, step=0.01, label="Threshold", elem_id="mmp-threshold"
                )
                self.limited = gr.Checkbox(
                    False, label="Only people who reach it", min_width=120
                )
            self.rates = gr.HTML(elem_id="mmp-rates")
            with gr.Row():
                self.cameras = gr.Dropdown(
                    multiselect=True, label="Cameras (none: all)", min_width=160
                )
                self.since = gr.Textbox(
                    label="From", placeholder="2026-11-29T08:30, or 1:30", min_width=120
                )
                self.until = gr.Textbox(
                    label="To", placeholder="the same kind", min_width=120
                )
            with gr.Row():
                tracks = bool(self.service.gallery.settings.get("tracks"))
                self.one_per = gr.Radio(
                    [
                        ("picture", "image"),
                        ("track", "track"),
                        ("sighting", "person"),
                    ],
                    value="track" if tracks else "image",
                    label="One result per",
                )
                self.top_k = gr.Slider(
                    1, MOST, 12, step=1, label="Results", min_width=120
                )
        self.results = gr.HTML(
            cards.note("Results appear here."),
            js_on_load=asset("actions.js"),
            elem_id="mmp-results",
        )
        with gr.Row():
            self.exports = {
                name: gr.Button(name, size="sm", min_width=90) for name in EXPORTS
            }
        with gr.Accordion("Seen where and when", open=True):
            self.timeline = gr.HTML(elem_id="mmp-timeline", elem_classes="mmp-timeline")

    @property
    def _options(self) -> list[gr.components.Component]:
        return [
            self.threshold,
            self.limited,
            self.cameras,
            self.since,
            self.until,
            self.one_per,
            self.top_k,
        ]

    def _wire(self, page: gr.Blocks) -> None:
        answer = [self.results, self.timeline, self.said]
        looking = [self.key, self.picker, self.moment, *answer]
        search = dict(
            fn=self.search, inputs=[self.key, *self._options], outputs=answer, **PRIVATE
        )
        page.load(
            self.enter,
            self.key,
            [*looking, self.file, self.cameras, self.threshold, self.rates],
            js=RECALL,
            **PRIVATE,
        ).then(None, self.key, None, js=REMEMBER, **PRIVATE).then(**search)
        page.unload(self.leave)
        for event, source in (
            (self.upload.upload, self.upload),
            (self.file.input, self.file),
        ):
            way = self.uploaded if source is self.upload else self.opened
            event(way, [self.key, source], [*looking, source], **PRIVATE)
        self.moment.release(self.sought, [self.key, self.moment], looking, **PRIVATE)
        self.picker.click(
            self.picked, self.key, [self.key, self.picker, self.said], **PRIVATE
        ).then(**search)
        self.by_box.click(
            self.boxed,
            [self.key, *self.corners],
            [self.key, self.picker, self.said],
            **PRIVATE,
        ).then(**search)
        for component in self._options:
            change = getattr(component, "release", None) or component.input
            change(**search)
        for event in (self.since.submit, self.until.submit):
            event(**search)
        self.threshold.change(self.tell_rates, self.threshold, self.rates, **PRIVATE)
        judged = self.results.click(
            self.acted, self.key, [self.key, self.viewer, self.said], **PRIVATE
        )
        judged.then(**search)
        self.viewer.click(self.viewed, self.key, [self.viewer, *looking], **PRIVATE)
        self.end.click(self.ended, self.key, looking, **PRIVATE).then(
            None, self.key, None, js=REMEMBER, **PRIVATE
        )
        for name, button in self.exports.items():
            button.click(
                self.exporter(name),
                [self.key, *self._options],
                [self.file_text, self.said],
                **PRIVATE,
            ).then(None, self.file_text, None, js=SAVE_FILE, **PRIVATE)

    # events ------------------------------------------------------------------

    def session(self, key: str, request: gr.Request) -> Session:
        """The session of a browser tab; of nobody else's."""
        session = self.service.sessions.enter(key, user_of(request))
        self._keys[request.session_hash] = session.key
        return session

    def enter(self, key: str, request: gr.Request) -> tuple:
        session = self.session(key, request)
        gallery = self.service.gallery
        threshold = self.service.learned_threshold()
        files = [(exports.readable(name), name) for name in gallery.files[:LISTED]]
        return (
            *self._looking(session),
            gr.update(choices=files, value=None),
            gr.update(choices=[c for c in gallery.cameras if c]),
            gr.skip() if threshold is None else round(max(0.0, threshold), 2),
            self.tell_rates(0.5 if threshold is None else round(threshold, 2)),
        )

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
        empty = cards.note(
            "Results appear here."
            if len(self.service.gallery)
            else "The gallery is empty: add a folder or a video in the tab Gallery."
        )
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

    def picked(self, key: str, event: gr.EventData, request: gr.Request) -> tuple:
        """A person was clicked, or a box was drawn."""
        data = event._data or {}
        if "person" in data:
            return self._chosen(key, request, self.service.choose, int(data["person"]))
        return self._chosen(key, request, self.service.draw, data.get("box") or [])

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

    def search(
        self,
        key: str,
        threshold: float,
        limited: bool,
        cameras: list[str],
        since: str,
        until: str,
        one_per: str,
        top_k: float,
        request: gr.Request,
    ) -> Iterator[tuple]:
        """First the ranking, then its pictures."""
        options = (threshold, limited, cameras, since, until, one_per, top_k)
        session = self.session(key, request)
        if session.embedding is None:
            yield gr.skip(), gr.skip(), gr.skip()
            return
        try:
            answer = self.service.answer(session, read_options(*options))
        except (UserError, OSError) as error:
            yield gr.skip(), gr.skip(), cards.note(str(error), "error")
            return
        yield cards.results(answer, None), gr.skip(), ""
        crops = self.service.pictures.crops(cards.shown_matches(answer))
        yield cards.results(answer, crops), gr.skip(), ""
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
            from mmpsearch.app.pictures import data_address

            address = data_address(picture)
            return f'<img class="{kind}" alt="{cards.escape(words)}" src="{address}">'

        bars = timeline_bars(answer.appearances[:30], read)
        return f"<style>{STYLE}</style>{timeline_html(bars, embed)}"

    def tell_rates(self, threshold: float) -> str:
        return cards.rates_text(self.service.rates(), threshold)

    def acted(self, key: str, event: gr.EventData, request: gr.Request) -> tuple:
        """A button of a result."""
        data = event._data or {}
        if "do" not in data:
            return gr.skip(), gr.skip(), gr.skip()
        session = self.session(key, request)
        try:
            if data["do"] in (SAME, DIFFERENT):
                self.service.mark(session, int(data["id"]), data["do"])
                return session.key, gr.skip(), ""
            match = self.service.match(int(data["id"]))
            return session.key, self._viewer(match, data["do"]), ""
        except (UserError, OSError) as error:
            return gr.skip(), gr.skip(), cards.note(str(error), "error")

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
            return self._viewer(match, data["do"]), *nothing
        except (UserError, OSError) as error:
            return gr.skip(), *nothing[:-1], cards.note(str(error), "error")

    def ended(self, key: str, request: gr.Request) -> tuple:
        self.service.sessions.end(self.session(key, request).key)
        return self._looking(self.service.sessions.begin(user_of(request)))

    def exporter(self, kind: str) -> Callable:
        """Answers the click on one of the export buttons."""
        name, media_type = EXPORTS[kind]

        @told(1)
        def export(
            key: str,
            threshold: float,
            limited: bool,
            cameras: list[str],
            since: str,
            until: str,
            one_per: str,
            top_k: float,
            request: gr.Request,
        ) -> str:
            options = (threshold, limited, cameras, since, until, one_per, top_k)
            session = self.session(key, request)
            answer = self.service.answer(session, read_options(*options))
            text = export_text(kind, answer, self.service)
            return json.dumps(dict(name=name, type=media_type, text=text))

        return export


def export_text(kind: str, answer: Answer, service: SearchService) -> str:
    """An answer as one of ``EXPORTS``."""
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
