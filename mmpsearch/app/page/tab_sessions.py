"""Which search a browser tab is at, also before it has been told its key."""

from __future__ import annotations

import gradio as gr

from mmpsearch.app.page.telling import user_of
from mmpsearch.app.sessions import Session, Sessions


class TabSessions:
    """The sessions of the browser's tabs.

    Args:
        sessions: Of all users.
    """

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self._keys: dict[str, str] = {}  # the browser tab's -> the session's

    def of(self, key: str, request: gr.Request) -> Session:
        """The session of a browser tab; of nobody else's.

        A tab that was just opened asks several things before it has been told its key.
        """
        tab = request.session_hash  # None of a call that no tab makes
        if not key and tab is not None:
            key = self._keys.get(tab, "")
        session = self.sessions.enter(key, user_of(request))
        if tab is not None:
            self._keys[tab] = session.key
        return session

    def begin(self, request: gr.Request) -> Session:
        """A new session of the tab's user."""
        return self.sessions.begin(user_of(request))

    def leave(self, request: gr.Request) -> None:
        """The tab is closed, or loaded again."""
        tab = request.session_hash
        if tab is not None and (key := self._keys.pop(tab, None)):
            self.sessions.leave(key)
