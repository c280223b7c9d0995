"""The part of the tab Tracks and labels that follows the people of a video."""

from __future__ import annotations

import gradio as gr

from mmpsearch.apis.sources.video_file import has_video_suffix
from mmpsearch.app import cards, tables
from mmpsearch.app.page.assets import asset
from mmpsearch.app.page.stopping import stopper
from mmpsearch.app.page.telling import told, user_of
from mmpsearch.app.service import SearchService
from mmpsearch.errors import InputError

PRIVATE = {"api_visibility": "private"}


class FollowPart:
    """Builds the part and answers its events.

    Args:
        service: What all users share.
    """

    def __init__(self, service: SearchService) -> None:
        self.service = service

    def build(self) -> None:
        """Lay the components out; called inside ``gr.Blocks`` and its tab."""
        empty = self.service.labels.empty
        with gr.Accordion("Follow the people of a video", open=empty):
            with gr.Row():
                self.path = gr.Dropdown(
                    [f for f in self.service.gallery.files if has_video_suffix(f)],
                    value=None,
                    allow_custom_value=True,
                    label="Video below one of the media folders",
                    elem_id="mmp-follow-path",
                    scale=3,
                    min_width=260,
                )
                self.step = gr.Number(
                    1, label="Look at every n-th frame", precision=0, minimum=1
                )
            self.button = gr.Button("Follow", variant="primary", elem_id="mmp-follow")
        self.jobs = gr.HTML(js_on_load=asset("actions.js"), elem_id="mmp-follow-jobs")
        self.timer = gr.Timer(1.0, active=False)

    def wire(self, page: gr.Blocks, show: dict, said: gr.HTML) -> None:
        """Answer events.

        Args:
            page: The page.
            show: Arguments of an event that shows the tracks as they are now.
            said: Takes what is said.
        """
        bars = dict(fn=self.bars, inputs=None, outputs=[self.jobs, self.timer])
        page.load(**bars, **PRIVATE)
        self.timer.tick(**bars, show_progress="hidden", **PRIVATE)
        self.jobs.change(**show, show_progress="hidden")
        self.button.click(
            told(0)(self.followed), [self.path, self.step], said, **PRIVATE
        ).then(**bars, **PRIVATE)
        self.jobs.click(told(0)(stopper(self.service)), None, said, **PRIVATE)

    # events ------------------------------------------------------------------

    def bars(self) -> tuple:
        """What is under way, and whether to look again."""
        jobs = [job for job in self.service.jobs.list() if job.kind == "follow"]
        going = any(not job.over for job in jobs)
        return tables.jobs(jobs), gr.Timer(1.0, active=going)

    def followed(
        self, path: str | None, step: float | None, request: gr.Request
    ) -> str:
        if not (path or "").strip():
            raise InputError("name a video")
        job = self.service.follow(path.strip(), user_of(request), int(step or 1))
        return cards.note(f"{job.what} is being followed; you can leave this page.")
