"""The Stop button beside the bar of work in the background."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from mmpsearch.app import cards
from mmpsearch.app.service import SearchService


def stopper(service: SearchService) -> Callable:
    """Answers clicks on what ``tables.jobs`` shows."""

    def stopped(event: gr.EventData) -> str:
        data = event._data or {}
        if data.get("do") != "stop":
            return ""
        service.jobs.stop(int(data["id"]))
        return cards.note("The work stops after the picture it is at.")

    return stopped
