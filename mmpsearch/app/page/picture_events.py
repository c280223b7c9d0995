"""The picture of the tab Search: what is looked at, and who was found in it."""

from __future__ import annotations

import gradio as gr

from mmpsearch.app import cards
from mmpsearch.app.page.search_view import HINT
from mmpsearch.app.page.tab_sessions import TabSessions
from mmpsearch.app.pictures import shown_picture
from mmpsearch.app.service import SearchService
from mmpsearch.app.sessions import Session
from mmpsearch.errors import InputError, UserError


class PictureEvents:
    """Answers what is done to the picture.

    Args:
        service: What all users share.
        tabs: Whose picture it is.
    """

    def __init__(self, service: SearchService, tabs: TabSessions) -> None:
        self.service, self.tabs = service, tabs

    def enter(self, key: str, request: gr.Request) -> tuple:
        """The page was opened, or loaded again."""
        return self.looking(self.tabs.of(key, request))

    def uploaded(self, key: str, file: str | None, request: gr.Request) -> tuple:
        """A file was uploaded."""
        return self._look(key, request, self.service.viewing.upload, file)

    def opened(self, key: str, path: str | None, request: gr.Request) -> tuple:
        """A file of the gallery was chosen."""
        return self._look(key, request, self.service.viewing.open_file, path)

    def sought(self, key: str, seconds: float, request: gr.Request) -> tuple:
        """Another moment of the video was chosen."""
        return self._look(key, request, self.service.viewing.seek, seconds)[:-1]

    def boxed(
        self,
        key: str,
        left: float | None,
        top: float | None,
        right: float | None,
        bottom: float | None,
        request: gr.Request,
    ) -> tuple:
        """A box was given in numbers."""
        corners = [corner or 0 for corner in (left, top, right, bottom)]
        return self._chosen(key, request, self.service.draw, corners)

    def ended(self, key: str, request: gr.Request) -> tuple:
        """The search is to be forgotten, with the upload."""
        self.service.sessions.end(self.tabs.of(key, request).key)
        return self.looking(self.tabs.begin(request))

    def _look(self, key: str, request: gr.Request, way, what: object) -> tuple:
        """Another picture; the last value clears the field that it came from."""
        if what is None:
            return *[gr.skip()] * 6, gr.skip()
        session = self.tabs.of(key, request)
        try:
            return *self.looking(way(session, what)), None
        except (UserError, OSError) as error:
            return *[gr.skip()] * 5, cards.note(str(error), "error"), None

    def _chosen(self, key: str, request: gr.Request, way, whom: object) -> tuple:
        session = self.tabs.of(key, request)
        try:
            session = way(session, whom)
            return session.key, self.picker(session), ""
        except (UserError, OSError) as error:
            return gr.skip(), gr.skip(), cards.note(str(error), "error")

    def looking(self, session: Session) -> tuple:
        """Values of key, picker, moment, results, timeline and what is said."""
        empty = self.no_results()
        if session.viewed is None:
            hidden = gr.update(visible=False)
            return session.key, cards.note(HINT), hidden, empty, "", ""
        try:
            length = self.service.viewing.length(session)
            moment = gr.update(
                visible=length > 0,
                maximum=max(length, 0.1),
                value=session.viewed.time or 0,
            )
            return session.key, self.picker(session), moment, empty, "", ""
        except (InputError, OSError) as error:
            hidden = gr.update(visible=False)
            said = cards.note(str(error), "error")
            return session.key, cards.note(HINT), hidden, empty, "", said

    def no_results(self) -> str:
        """What stands in place of results."""
        return cards.note(
            "Results appear here."
            if len(self.service.gallery)
            else "The gallery is empty: add a folder or a video in the tab Gallery."
        )

    def picker(self, session: Session) -> str:
        """The picture with everybody in it, to be clicked on."""
        image = self.service.viewing.image(session)
        height, width = image.pixels.shape[:2]
        return cards.picker(
            session.viewed.name if session.viewed else "",
            shown_picture(image.pixels),
            (width, height),
            session.people,
            session.box,
        )
