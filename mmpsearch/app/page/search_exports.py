"""Answers of the tab Search as files, and the fields that a search reads."""

from __future__ import annotations

import json
from collections.abc import Callable

import gradio as gr

from mmpsearch.app import exports
from mmpsearch.app.answers import Answer, SearchOptions
from mmpsearch.app.page.tab_sessions import TabSessions
from mmpsearch.app.page.telling import told
from mmpsearch.app.service import SearchService

FILES = {
    "Report": ("search.html", "text/html"),
    "CSV": ("search.csv", "text/csv"),
    "JSON": ("search.json", "application/json"),
    "Appearances": ("appearances.csv", "text/csv"),
}


def exporter(service: SearchService, tabs: TabSessions, kind: str) -> Callable:
    """Answers the click on one of the export buttons.

    Args:
        service: What all users share.
        tabs: Whose search it is.
        kind: One of ``FILES``.
    """
    name, media_type = FILES[kind]

    @told(1)
    def export(key: str, request: gr.Request, *options) -> str:
        session = tabs.of(key, request)
        answer = service.answer(session, read_options(*options))
        text = export_text(kind, answer, service)
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
