"""The fields, pictures and cards of the tab Search; search_tab says what they do."""

from __future__ import annotations

import gradio as gr

from mmpsearch.app import cards
from mmpsearch.app.answers import MOST
from mmpsearch.app.page.assets import asset
from mmpsearch.app.service import SearchService
from mmpsearch.app.uploads import KINDS

HINT = (
    "Choose a picture or a video above. Everybody in it is boxed; click on the person "
    "you look for."
)
EXPORTS = ("Report", "CSV", "JSON", "Appearances")


class SearchView:
    """Lays the components out; made inside ``gr.Blocks`` and its tab.

    Args:
        service: What all users share.
    """

    def __init__(self, service: SearchService) -> None:
        self.service = service
        self.key = gr.Textbox(visible=False, elem_id="mmp-key")
        self.file_text = gr.Textbox(visible=False)
        self.said = gr.HTML(elem_id="mmp-said")
        with gr.Row(equal_height=False):
            with gr.Column(scale=4, min_width=320):
                self._build_picture()
            with gr.Column(scale=7, min_width=320):
                self._build_answer()
        self.viewer = gr.HTML(js_on_load=asset("actions.js"), elem_id="mmp-viewer")

    def _build_picture(self) -> None:
        self.upload = gr.File(
            label="Picture or video with the person",
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
            0,
            1,
            0,
            step=0.1,
            visible=False,
            label="Moment of the video, in seconds",
            elem_id="mmp-moment",
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
                    False, label="Only people who reach it", min_width=190
                )
            self.rates = gr.HTML(elem_id="mmp-rates")
            with gr.Row():
                self.cameras = gr.Dropdown(
                    multiselect=True, label="Cameras (none: all)", min_width=190
                )
                self.since = gr.Textbox(
                    label="From", placeholder="2026-11-29T08:30, or 1:30", min_width=190
                )
                self.until = gr.Textbox(
                    label="To", placeholder="the same kind", min_width=190
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
                    1, MOST, 12, step=1, label="Results", min_width=190
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
    def options(self) -> list[gr.components.Component]:
        """What ``read_options`` of search_exports reads, in its order."""
        return [
            self.threshold,
            self.limited,
            self.cameras,
            self.since,
            self.until,
            self.one_per,
            self.top_k,
        ]
