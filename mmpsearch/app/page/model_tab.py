"""The tab Model: what it is, and what must be kept in mind."""

from __future__ import annotations

import gradio as gr

from mmpsearch.app import cards, tables
from mmpsearch.app.model_facts import model_facts, model_warnings
from mmpsearch.app.service import SearchService


def build_model_tab(service: SearchService, page: gr.Blocks) -> None:
    """Lay the tab out; called inside ``gr.Blocks`` and its tab."""
    warnings = model_warnings(service.inferencer)
    gr.HTML("".join(cards.note(text, "warning") for text in warnings))
    shown = gr.HTML(elem_id="mmp-model")
    page.load(lambda: _facts(service), None, shown, api_visibility="private")


def _facts(service: SearchService) -> str:
    facts = model_facts(service.inferencer, service.gallery, service.model_name)
    return tables.table(("what", "known"), list(facts.items()))
