"""The tab Search: its fields, what each of them asks for, and lists to choose from."""

from __future__ import annotations

import gradio as gr

from mmpsearch.app import cards, exports
from mmpsearch.app.page.assets import RECALL, REMEMBER, SAVE_FILE
from mmpsearch.app.page.picture_events import PictureEvents
from mmpsearch.app.page.result_events import ResultEvents
from mmpsearch.app.page.search_exports import exporter
from mmpsearch.app.page.search_view import SearchView
from mmpsearch.app.page.tab_sessions import TabSessions
from mmpsearch.app.service import SearchService

LISTED = 2000  # files of the gallery to choose from
PRIVATE = {"api_visibility": "private"}


class SearchTab:
    """Builds the tab, and tells its events to whom they concern.

    Args:
        service: What all users share.
    """

    def __init__(self, service: SearchService) -> None:
        self.service = service
        self.tabs = TabSessions(service.sessions)
        self.picture = PictureEvents(service, self.tabs)
        self.results = ResultEvents(service, self.tabs, self.picture)

    def build(self, page: gr.Blocks, tab: gr.Tab) -> None:
        """Lay it out, and answer; called inside ``gr.Blocks`` and the tab."""
        view = SearchView(self.service)
        answer = [view.results, view.timeline, view.said]
        looking = [view.key, view.picker, view.moment, *answer]
        search = dict(
            fn=self.results.search,
            inputs=[view.key, *view.options],
            outputs=answer,
            **PRIVATE,
        )
        page.load(self.picture.enter, view.key, looking, js=RECALL, **PRIVATE).then(
            None, view.key, None, js=REMEMBER, **PRIVATE
        ).then(
            self.learned,
            None,
            [view.file, view.cameras, view.threshold, view.rates],
            **PRIVATE,
        ).then(**search)
        page.unload(self.tabs.leave)
        for event, source in (
            (view.upload.upload, view.upload),
            (view.file.input, view.file),
        ):
            way = (
                self.picture.uploaded if source is view.upload else self.picture.opened
            )
            event(way, [view.key, source], [*looking, source], **PRIVATE)
        view.moment.input(
            self.picture.sought,
            [view.key, view.moment],
            looking,
            trigger_mode="always_last",
            **PRIVATE,
        )
        # one event each, since every further one costs a way to the server and back
        view.picker.click(
            self.results.picked,
            [view.key, *view.options],
            [view.key, view.picker, *answer],
            show_progress_on=view.results,
            **PRIVATE,
        )
        view.by_box.click(
            self.picture.boxed,
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
            self.results.acted,
            [view.key, *view.options],
            [view.key, view.viewer, *answer],
            **PRIVATE,
        )
        view.viewer.click(
            self.results.viewed, view.key, [view.viewer, *looking], **PRIVATE
        ).then(**search)
        tab.select(
            self.came_back,
            [view.key, view.threshold],
            [view.file, view.cameras, view.rates, view.results],
            show_progress="hidden",
            **PRIVATE,
        )
        view.end.click(self.picture.ended, view.key, looking, **PRIVATE).then(
            None, view.key, None, js=REMEMBER, **PRIVATE
        )
        for name, button in view.exports.items():
            button.click(
                exporter(self.service, self.tabs, name),
                [view.key, *view.options],
                [view.file_text, view.said],
                **PRIVATE,
            ).then(None, view.file_text, None, js=SAVE_FILE, **PRIVATE)

    # events ------------------------------------------------------------------

    def learned(self) -> tuple:
        """Lists to choose from, and the threshold, which may have to be measured."""
        threshold = self.service.rates.learned_threshold()
        known = 0.5 if threshold is None else round(max(0.0, threshold), 2)
        return *self.lists(), known, self.tell_rates(known)

    def came_back(self, key: str, threshold: float, request: gr.Request) -> tuple:
        """From another tab, where the gallery may have been filled."""
        session = self.tabs.of(key, request)
        results = self.picture.no_results() if session.embedding is None else gr.skip()
        return *self.lists(), self.tell_rates(threshold), results

    def tell_rates(self, threshold: float) -> str:
        """What the threshold lets through, in words."""
        return cards.rates_text(self.service.rates.measured(), threshold)

    def lists(self) -> tuple:
        """Files and cameras to choose from, as they are now."""
        gallery = self.service.gallery
        files = [(exports.readable(name), name) for name in gallery.files[:LISTED]]
        cameras = [camera for camera in gallery.cameras if camera]
        return gr.update(choices=files), gr.update(choices=cameras)
