"""The tab Gallery: what is in it, adding, removing for good, retention, room."""

from __future__ import annotations

import gradio as gr

from mmpsearch.app import cards, tables
from mmpsearch.app.page.assets import asset
from mmpsearch.app.page.stopping import stopper
from mmpsearch.app.page.telling import told, user_of
from mmpsearch.app.service import SearchService
from mmpsearch.app.sources import list_sources
from mmpsearch.app.storage import measure_storage
from mmpsearch.errors import InputError
from mmpsearch.gallery.filters import Where

LISTED = 2000
PRIVATE = {"api_visibility": "private"}
KINDS = ("a file", "a camera", "people by number")


class GalleryTab:
    """Builds the tab and answers its events.

    Args:
        service: What all users share.
    """

    def __init__(self, service: SearchService) -> None:
        self.service = service

    def build(self, page: gr.Blocks) -> None:
        """Lay the components out; called inside ``gr.Blocks`` and its tab."""
        self.said = gr.HTML()
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=320):
                self.jobs = gr.HTML(js_on_load=asset("actions.js"), elem_id="mmp-jobs")
                self._build_adding()
                self.sources = gr.HTML(elem_id="mmp-sources")
            with gr.Column(scale=4, min_width=320):
                self.facts = gr.HTML(elem_id="mmp-facts")
                self._build_removing()
        self.timer = gr.Timer(1.0, active=False)
        self._wire(page)

    def _build_adding(self) -> None:
        with gr.Accordion("Add a folder or a video", open=True):
            roots = list(self.service.media.folders)
            self.path = gr.Dropdown(
                roots,
                value=roots[0] if roots else None,
                allow_custom_value=True,
                label="Folder, picture or video below one of the media folders",
                elem_id="mmp-path",
            )
            with gr.Row():
                self.camera = gr.Textbox(label="Name of the camera", min_width=140)
                self.start = gr.Textbox(
                    label="The video begins at",
                    placeholder="2026-11-29T08:30:00",
                    min_width=160,
                )
            with gr.Row():
                known = self.service.gallery.settings
                fixed = "tracks" in known
                self.fps = gr.Number(
                    known.get("fps", 2),
                    label="Frames looked at in a second of video",
                    minimum=0,
                    interactive=not fixed,
                    min_width=140,
                )
                self.tracks = gr.Checkbox(
                    bool(known.get("tracks")),
                    label="Follow people, and keep the best views of each "
                    "(takes 5 frames a second or more)",
                    interactive=not fixed,
                    min_width=140,
                )
            self.add = gr.Button("Add", variant="primary", elem_id="mmp-add")

    def _build_removing(self) -> None:
        with gr.Accordion("Remove for good", open=False):
            gr.HTML(
                cards.note(
                    "Who is removed does not come back when the files are added again. "
                    "Pictures and videos themselves are never deleted."
                )
            )
            self.kind = gr.Radio(KINDS, value=KINDS[0], label="Remove everybody of")
            self.file = gr.Dropdown(label="File", choices=[])
            self.of_camera = gr.Dropdown(label="Camera", choices=[], visible=False)
            self.numbers = gr.Textbox(
                label="Numbers, as in the export", placeholder="17, 18", visible=False
            )
            self.reason = gr.Textbox(label="Reason, kept in the list")
            self.sure = gr.Checkbox(False, label="Yes, remove them for good")
            self.remove = gr.Button("Remove", variant="stop", elem_id="mmp-remove")
        with gr.Accordion("Removed for good, and letting come back", open=False):
            self.removed = gr.CheckboxGroup(label="Removals", choices=[])
            self.allow = gr.Button("Let these come back when they are added again")
        with gr.Accordion("Keep for a limited time", open=False):
            self.days = gr.Number(
                self.service.care.retention or 0, label="Days to keep (0: no limit)"
            )
            self.keep = gr.Button("Apply now, and every day while the page runs")

    def _wire(self, page: gr.Blocks) -> None:
        lists = [self.file, self.of_camera, self.removed]
        everything = [self.jobs, self.sources, self.facts, *lists, self.timer]
        page.load(self.refreshed, self.removed, everything, **PRIVATE)
        self.timer.tick(
            self.ticked,
            self.removed,
            everything,
            show_progress="hidden",
            **PRIVATE,
        )
        self.add.click(
            told(0)(self.added),
            [self.path, self.camera, self.start, self.fps, self.tracks],
            self.said,
            **PRIVATE,
        ).then(self.refreshed, self.removed, everything, **PRIVATE)
        self.jobs.click(told(0)(stopper(self.service)), None, self.said, **PRIVATE)
        self.kind.change(
            lambda kind: [gr.update(visible=kind == one) for one in KINDS],
            self.kind,
            [self.file, self.of_camera, self.numbers],
            **PRIVATE,
        )
        where = [self.kind, self.file, self.of_camera, self.numbers]
        sure = [*where, self.reason, self.sure]
        # What an action unticks comes with its answer: a later event would untick what
        # the user has ticked since.
        for button, way, inputs, unticked in (
            (self.remove, self.removed_for_good, sure, [self.sure]),
            (self.allow, self.allowed, [self.removed], [self.removed]),
            (self.keep, self.kept, [self.days], []),
        ):
            button.click(
                told(len(unticked))(way), inputs, [*unticked, self.said], **PRIVATE
            ).then(self.refreshed, self.removed, everything, **PRIVATE)

    # events ------------------------------------------------------------------

    def refreshed(self, chosen: list[str] | None) -> tuple:
        """Everything as it is now; of the removals, those chosen stay so."""
        service, gallery = self.service, self.service.gallery
        jobs = service.jobs.list()
        storage = measure_storage(gallery.store.location, service.state)
        return (
            tables.jobs(jobs),
            tables.sources(list_sources(gallery)),
            tables.facts(gallery, storage),
            gr.update(choices=[(cards.escape(f), f) for f in gallery.files[:LISTED]]),
            gr.update(choices=[camera for camera in gallery.cameras if camera]),
            gr.update(
                choices=[
                    (tables.removal(entry), entry.key) for entry in gallery.suppressed
                ],
                value=[
                    entry.key
                    for entry in gallery.suppressed
                    if entry.key in (chosen or [])
                ],
            ),
            gr.Timer(1.0, active=any(not job.over for job in jobs)),
        )

    def ticked(self, chosen: list[str] | None) -> tuple:
        """The bars only, while something is under way."""
        jobs = self.service.jobs.list()
        if any(not job.over for job in jobs):
            return tables.jobs(jobs), *[gr.skip()] * 6
        return self.refreshed(chosen)

    def added(
        self,
        path: str,
        camera: str,
        start: str,
        fps: float | None,
        tracks: bool,
        request: gr.Request,
    ) -> str:
        if not (path or "").strip():
            raise InputError("name a folder, a picture or a video")
        job = self.service.add(
            path.strip(),
            user_of(request),
            camera=(camera or "").strip(),
            start=(start or "").strip(),
            fps=fps or 0,
            tracks=bool(tracks),
        )
        return cards.note(f"{job.what} is being added; you can leave this page.")

    def removed_for_good(
        self,
        kind: str,
        file: str | None,
        camera: str | None,
        numbers: str,
        reason: str,
        sure: bool,
    ) -> tuple[bool, str]:
        if not sure:
            raise InputError('tick "Yes, remove them for good" first')
        where = removal_of(kind, file, camera, numbers)
        forgotten = self.service.care.forget(where, reason or "")
        return False, cards.note(str(forgotten).splitlines()[0] + ".")

    def allowed(self, keys: list[str]) -> tuple[list[str], str]:
        count = self.service.care.allow_again(keys or [])
        text = f"{count} removals lifted; add the files again to see them."
        return [], cards.note(text)

    def kept(self, days: float | None) -> str:
        if not days:
            self.service.care.set_retention(None)
            return cards.note("People are kept without a limit.")
        self.service.care.set_retention(float(days))
        count = self.service.care.keep_days(float(days))
        return cards.note(f"{count} people removed who were seen earlier.")


def removal_of(kind: str, file: str | None, camera: str | None, numbers: str) -> Where:
    """Whom the fields name.

    Raises:
        InputError: Nobody.
    """
    if kind == KINDS[0] and file:
        return Where(paths=frozenset([file]))
    if kind == KINDS[1] and camera:
        return Where(cameras=frozenset([camera]))
    if kind == KINDS[2] and (numbers or "").strip():
        return Where(ids=tables.read_numbers(numbers))
    raise InputError(f"say which: {kind}")
