"""The tab Tracks and labels: contact sheets, and who is whom."""

from __future__ import annotations

import json
from collections.abc import Callable

import gradio as gr

from mmpsearch.apis.reading_report import count
from mmpsearch.app.cards import note
from mmpsearch.app.labels import page_of
from mmpsearch.app.page.assets import CHOOSE_NOTHING, CHOSEN, SAVE_FILE
from mmpsearch.app.page.follow_part import FollowPart
from mmpsearch.app.page.telling import told
from mmpsearch.app.service import SearchService
from mmpsearch.app.sheets import CLOSED, EMPTY, Sheets
from mmpsearch.datasets.person_search.own.splits import RULES
from mmpsearch.errors import InputError, UserError

ROWS = 10  # a page
PRIVATE = {"api_visibility": "private"}


class LabelsTab:
    """Builds the tab and answers its events.

    Args:
        service: What all users share.
    """

    def __init__(self, service: SearchService) -> None:
        self.service, self.labels = service, service.labels
        self.sheets = None if self.labels is None else Sheets(self.labels)

    def build(self, page: gr.Blocks) -> None:
        """Lay the components out; called inside ``gr.Blocks`` and its tab."""
        if self.labels is None:
            gr.HTML(note(CLOSED))
            return
        self.said = gr.HTML(elem_id="mmp-labels-said")
        following = FollowPart(self.service)
        following.build()
        self.chosen = gr.Textbox(visible=False)
        self.file_text = gr.Textbox(visible=False)
        with gr.Row():
            self.show = gr.Radio(
                [("in their order", "tracks"), ("people together", "people")],
                value="tracks",
                label="Tracks",
            )
            self.number = gr.Number(1, label="Page", precision=0, minimum=1)
            self.pages = gr.HTML()
        with gr.Row():
            self.person = gr.Textbox(label="Name of the person", min_width=190)
            self.frame = gr.Number(
                label="Split at frame (of the second person)",
                precision=0,
                min_width=190,
            )
        with gr.Row():
            words = {
                "Same person": self.merged,
                "Name": self.named,
                "Unknown": self.unknown,
                "No person (discard)": self.discarded,
                "Split": self.split,
            }
            buttons = {name: gr.Button(name, size="sm") for name in words}
        self.rows = gr.HTML(elem_id="mmp-tracks")
        show = dict(
            fn=self.shown,
            inputs=[self.show, self.number],
            outputs=[self.rows, self.pages],
            **PRIVATE,
        )
        following.wire(page, show, self.said)
        with gr.Accordion("Export as a training set", open=False):
            with gr.Row():
                self.out = gr.Textbox("people-dataset", label="Name of the new folder")
                self.step = gr.Number(
                    3, label="Every n-th frame", precision=0, minimum=1
                )
                self.rule = gr.Dropdown([*RULES], value="time", label="Test images by")
            with gr.Row():
                self.write = gr.Button("Write it beside the tracks", variant="primary")
                self.csv = gr.Button("people.csv")
        actions = {button: words[name] for name, button in buttons.items()}
        self._wire(page, show, actions)

    def _wire(
        self, page: gr.Blocks, show: dict, actions: dict[gr.Button, Callable]
    ) -> None:
        none = dict(fn=None, inputs=None, outputs=None, js=CHOOSE_NOTHING, **PRIVATE)
        page.load(**show)
        self.show.change(**show).then(**none)
        self.number.change(**show).then(**none)
        given = [self.chosen, self.person, self.frame]
        for button, way in actions.items():
            button.click(
                told(0)(_with_chosen(way)), given, self.said, js=CHOSEN, **PRIVATE
            ).then(**show).then(**none)
        self.write.click(
            told(0)(self.exported),
            [self.out, self.step, self.rule],
            self.said,
            **PRIVATE,
        )
        self.csv.click(
            told(1)(self.table), None, [self.file_text, self.said], **PRIVATE
        ).then(None, self.file_text, None, js=SAVE_FILE, **PRIVATE)

    # events ------------------------------------------------------------------

    def shown(self, show: str, number: float | None) -> tuple:
        if self.labels.empty:
            return note(EMPTY), ""
        try:
            rows = self.labels.rows()
        except (UserError, OSError) as error:
            return note(str(error), "error"), ""
        page, pages = page_of(rows, show, int(number or 1), ROWS)
        people = {row.person for row in rows} - {"", "discard"}
        words = ", ".join(
            [
                count(len(rows), "track"),
                count(len(people), "person", "people"),
                count(pages, "page"),
            ]
        )
        return self.sheets.html(page), note(words)

    def merged(self, chosen: list[str], person: str, frame: float | None) -> str:
        return note(f"They are one person now: {self.labels.merge(chosen)}.")

    def named(self, chosen: list[str], person: str, frame: float | None) -> str:
        _require(chosen)
        number = self.labels.name(chosen, person)
        return note(f"{number} tracks are {person.strip() or 'unknown'} now.")

    def unknown(self, chosen: list[str], person: str, frame: float | None) -> str:
        _require(chosen)
        return note(f"{self.labels.name(chosen, '')} tracks have no identity now.")

    def discarded(self, chosen: list[str], person: str, frame: float | None) -> str:
        _require(chosen)
        return note(f"{self.labels.discard(chosen)} tracks are left out now.")

    def split(self, chosen: list[str], person: str, frame: float | None) -> str:
        _require(chosen)
        if len(chosen) > 1:
            raise InputError("choose one track alone to split it")
        if frame is None:
            raise InputError("give the first frame of the second person")
        self.labels.split(chosen[0], int(frame))
        return note("It is two tracks now.")

    def exported(self, name: str, step: float | None, rule: str) -> str:
        out, counts = self.labels.export(name.strip(), int(step or 1), rule)
        told_counts = ", ".join(f"{number:,} {what}" for what, number in counts.items())
        return note(f"{out}: {told_counts}. Train with tools/own_data/write_config.py.")

    def table(self) -> str:
        self.labels.name([], "")  # a table is there
        text = self.labels.table.read_text(encoding="utf-8")
        return json.dumps(dict(name="people.csv", type="text/csv", text=text))


def _with_chosen(way: Callable) -> Callable:
    """The keys come as JSON, read out of the page when the button is pressed."""

    def handler(chosen: str, person: str, frame: float | None) -> str:
        return way([*map(str, json.loads(chosen or "[]"))], person or "", frame)

    return handler


def _require(chosen: list[str]) -> None:
    if not chosen:
        raise InputError("choose a track first, by its box")
