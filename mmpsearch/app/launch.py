"""Serve the page: on this machine, or with logins elsewhere."""

from __future__ import annotations

import ipaddress
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mmpsearch.app.service import SearchService
from mmpsearch.errors import InputError

PORT = 7860
LOCAL_NAMES = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Address:
    """Where the page is served.

    Attributes:
        host: Address or name to bind to.
        port: 0 for any that is free.
        users: name -> ``hash_password``; with neither users nor a token nobody has
            to log in, which only this machine allows.
        certificate: File, for https.
        key: File, the certificate's.
        token: In place of users; see ``TokenDoor``.
    """

    host: str = "127.0.0.1"
    port: int = PORT
    users: Mapping[str, str] | None = None
    certificate: str | None = None
    key: str | None = None
    token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.local and not self.users and not self.token:
            raise InputError(
                f"--host {self.host} can be reached by others: give --users FILE, "
                "which mmpsearch app --users FILE --add-user NAME makes, or "
                "--token-file FILE, which is made"
            )
        if self.users and self.token:
            raise InputError("give --users or --token-file, not both")
        if bool(self.certificate) != bool(self.key):
            raise InputError("--https-cert and --https-key belong together")

    @property
    def local(self) -> bool:
        """Only this machine reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False


def launch(service: SearchService, address: Address, block: bool = True):
    """Serve the page.

    Args:
        service: What it is about.
        address: Where.
        block: Wait until it is interrupted.

    Returns:
        The page, which ``close`` ends, and its address.

    Raises:
        ImportError: Gradio is not installed; the message names the extra.
        InputError: The port is taken.
    """
    uploads = prepare_uploads(service.state)
    gr, build_page = _gradio()
    from starlette.middleware import Middleware

    from mmpsearch.app.gate import Gate
    from mmpsearch.app.page.assets import asset
    from mmpsearch.app.token_door import TokenDoor
    from mmpsearch.app.users import Users

    page = build_page(service)
    hosts = (*LOCAL_NAMES, address.host) if address.local else ()
    users = Users(address.users or {})
    doors = [Middleware(Gate, hosts=hosts)]
    if address.token:
        doors.append(Middleware(TokenDoor, token=address.token))
    try:
        _, url, _ = page.launch(
            server_name=address.host,
            server_port=address.port or _free_port(address.host),
            auth=users.login if len(users) else None,
            allowed_paths=[],
            blocked_paths=[str(service.state.parent / name) for name in ("jobs",)],
            max_file_size=int(service.limits.megabytes * 1e6),
            app_kwargs={
                "middleware": doors,
                "docs_url": None,
                "redoc_url": None,
            },
            ssl_certfile=address.certificate,
            ssl_keyfile=address.key,
            ssl_verify=False,
            prevent_thread_lock=True,
            quiet=True,
            show_error=False,
            footer_links=["settings"],
            share=False,
            ssr_mode=False,
            mcp_server=False,
            enable_monitoring=False,
            theme=_theme(gr),
            css=asset("style.css"),
        )
    except OSError as error:
        raise InputError(
            f"--port {address.port} of {address.host}: cannot be used, another program "
            "may be serving there; give another one"
        ) from error
    if block:
        try:
            page.block_thread()
        finally:
            page.close(verbose=False)
            shutil.rmtree(uploads, ignore_errors=True)
    return page, url


def prepare_uploads(state: Path) -> Path:
    """An empty folder of our own for what is being uploaded, which Gradio is told of.

    Uploads stay in it for a moment only; what a killed server left there is deleted.
    """
    folder = (state / "uploads").absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    return folder


def _gradio():
    try:
        import gradio as gr
    except ImportError as error:
        raise ImportError(
            f"the page needs Gradio ({error}): pip install 'mmpsearch[app]'"
        ) from error
    from mmpsearch.app.page.page import build_page

    return gr, build_page


def _theme(gr):
    """Colours with enough contrast, and fonts of the system: none is downloaded."""
    font = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
    return gr.themes.Default(
        primary_hue="blue",
        neutral_hue="stone",
        font=font,
        font_mono=["ui-monospace", "Consolas", "monospace"],
    ).set(
        block_label_text_color="*neutral_700",
        block_label_text_color_dark="*neutral_200",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_text_color="white",
    )


def _free_port(host: str) -> int:
    import socket

    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]
