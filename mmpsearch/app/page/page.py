"""All tabs as one Gradio app."""

from __future__ import annotations

import gradio as gr

from mmpsearch.app.page.api import build_api
from mmpsearch.app.page.gallery_tab import GalleryTab
from mmpsearch.app.page.labels_tab import LabelsTab
from mmpsearch.app.page.model_tab import build_model_tab
from mmpsearch.app.page.search_tab import SearchTab
from mmpsearch.app.service import SearchService

TITLE = "Person search"
AT_ONCE = 8  # events of one kind that are worked on; the model takes turns


def build_page(service: SearchService) -> gr.Blocks:
    """The page; ``launch`` serves it."""
    with gr.Blocks(title=TITLE, analytics_enabled=False) as page:
        build_api(service)  # before the tabs, whose events would take its names
        gr.HTML(f"<h1>{TITLE}</h1>", elem_id="mmp-title")
        with gr.Tab("Search", id="search") as tab:
            SearchTab(service).build(page, tab)
        with gr.Tab("Gallery", id="gallery"):
            GalleryTab(service).build(page)
        with gr.Tab("Tracks and labels", id="labels"):
            LabelsTab(service).build(page)
        with gr.Tab("Model", id="model"):
            build_model_tab(service, page)
    page.queue(default_concurrency_limit=AT_ONCE, max_size=256)
    return page
