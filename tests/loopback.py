"""A publisher of weights on loopback, which also misbehaves as publishers do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Publisher:
    """What the server offers, and what it was asked.

    Attributes:
        address: ``http://127.0.0.1:port``.
        files: path -> content.
        kinds: path -> content type, where it is not ``application/octet-stream``.
        redirects: path -> location.
        refusals: path -> status.
        cuts: path -> after how many bytes of each answer the connection is cut; one
            item is used up by each answer.
        tags: path -> ETag.
        headers: path -> further headers.
        ranges: whether parts of files are handed out.
        asked: (method, path, Range header) of every request, in order.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    cuts: dict[str, list[int]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    ranges: bool = True
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)

    def offer(self, path: str, content: bytes, tag: str = '"1"') -> str:
        """Offer a file, and give its URL."""
        self.files[path], self.tags[path] = content, tag
        return self.address + path


@contextmanager
def serve() -> Iterator[Publisher]:
    """A running publisher."""
    publisher = Publisher()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_HEAD(self):
            self.answer(with_content=False)

        def do_GET(self):
            self.answer(with_content=True)

        def answer(self, with_content: bool) -> None:
            path = self.path.partition("?")[0]
            asked = self.headers.get("Range")
            publisher.asked.append((self.command, path, asked))
            if path in publisher.redirects:
                self.send_response(302)
                self.send_header("Location", publisher.redirects[path])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            status = publisher.refusals.get(path)
            if status is None and path not in publisher.files:
                status = 404
            if status is not None:
                self.send_error(status)
                return
            self.send_file(path, asked, with_content)

        def send_file(self, path: str, asked: str | None, with_content: bool) -> None:
            content, tag = publisher.files[path], publisher.tags.get(path, "")
            start, total = 0, len(content)
            if_range = self.headers.get("If-Range")
            if asked and publisher.ranges and if_range in (None, tag):
                start = int(asked.removeprefix("bytes=").partition("-")[0])
                if start >= total:
                    self.send_response(416)
                    self.send_header("Content-Range", f"bytes */{total}")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
            else:
                self.send_response(200)
            kind = publisher.kinds.get(path, "application/octet-stream")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(total - start))
            if tag:
                self.send_header("ETag", tag)
            for key, value in publisher.headers.get(path, {}).items():
                self.send_header(key, value)
            self.end_headers()
            if not with_content:
                return
            cuts = publisher.cuts.get(path)
            end = start + cuts.pop(0) if cuts else total
            self.wfile.write(content[start:end])
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    publisher.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
