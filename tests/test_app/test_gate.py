import pytest

from mmpsearch.app.gate import Gate

GATE = Gate(None, ("127.0.0.1", "localhost", "::1"))


def scope(path, host="127.0.0.1:7860", **more):
    headers = [(b"host", host.encode())]
    headers += [(k.replace("_", "-").encode(), v.encode()) for k, v in more.items()]
    return {"path": path, "headers": headers, "type": "http"}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/config",
        "/login",
        "/gradio_api/queue/join",
        "/gradio_api/upload",
        "/gradio_api/info",
        "/assets/index-abc.js",
        "/theme.css",
        "/static/img/logo.svg",
        "/gradio_api/heartbeat/x",
    ],
)
def test_what_the_page_needs_is_open(path):
    assert GATE.refuses(scope(path)) == ""


@pytest.mark.parametrize(
    "path",
    [
        "/file=/etc/passwd",
        "/gradio_api/file=C:\\x",
        "/gradio_api/file/x",
        "/gradio_api/%66ile=/etc/passwd",
        "/gradio_api/proxy=https://x",
        "/gradio_api/stream/a/b",
        "/assets/../../x",
        "/assets/%2e%2e/x",
        "/monitoring",
        "/gradio_api/mcp/sse",
        "/dev/reload",
    ],
)
def test_ways_to_files_and_others_are_closed(path):
    assert GATE.refuses(scope(path))


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost", True),
        ("[::1]:7860", True),
        ("LOCALHOST:1", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
    ],
)
def test_only_under_its_own_names(host, known):
    assert (GATE.refuses(scope("/", host)) == "") is known
    assert Gate(None).refuses(scope("/", host)) == ""


def test_no_other_page_may_use_it():
    for origin in ("https://evil.example", "null", "http://127.0.0.1:80"):
        assert GATE.refuses(scope("/gradio_api/upload", origin=origin))
        assert Gate(None).refuses(scope("/gradio_api/upload", origin=origin))
    assert not GATE.refuses(scope("/upload", origin="http://127.0.0.1:7860"))
    behind = dict(x_forwarded_host="search.example", origin="https://search.example")
    assert not Gate(None).refuses(scope("/upload", "10.0.0.7:7860", **behind))
