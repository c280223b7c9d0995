"""Reaching Milvus: no credentials in messages, one sentence for what goes wrong."""

import logging
import socket

import pytest

pytest.importorskip("pymilvus", reason="the extra milvus is not installed")

from mmpsearch.errors import GalleryError
from mmpsearch.gallery import Gallery
from mmpsearch.gallery.milvus_client import milvus_errors

SECRET = "root:s3cr3t-w0rd"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("way", ["token", "address"])
def test_a_server_that_is_not_there(way, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    port = free_port()
    options = {"timeout": 0.5}
    address = f"http://127.0.0.1:{port}"
    if way == "token":
        options["token"] = SECRET
    else:
        address = f"http://{SECRET}@127.0.0.1:{port}"
    with pytest.raises(GalleryError, match=f"127.0.0.1:{port}") as caught:
        Gallery.open(address, **options)
    told = str(caught.value) + caplog.text + "".join(capfd.readouterr())
    assert "s3cr3t" not in told and str(caught.value).count("\n") == 0
    assert caught.value.__suppress_context__


def test_what_a_server_says_is_cleared_of_the_token():
    from pymilvus.exceptions import MilvusException

    with pytest.raises(GalleryError, match=r"auth check failure.*\*\*\*") as caught:
        with milvus_errors("https://host:1", (SECRET,)):
            raise MilvusException(message=f"auth check failure for {SECRET}\nat x.go")
    assert "x.go" not in str(caught.value)


def test_an_unencrypted_token_is_said(caplog):
    with pytest.raises(GalleryError):
        Gallery.open("http://host.invalid:1", token=SECRET, timeout=0.2)
    assert "unencrypted" in caplog.text and "s3cr3t" not in caplog.text


@pytest.mark.parametrize(
    ("location", "options", "message"),
    [
        ("ftp://host", {}, "http://HOST:PORT"),
        ("https://host:1", {"server_ca": "/none.pem"}, "no certificate file /none.pem"),
        ("x.gallery", {"token": "a"}, "option of Milvus"),
    ],
)
def test_what_cannot_be(location, options, message):
    with pytest.raises(GalleryError, match=message):
        Gallery.open(location, **options)


def test_a_file_in_place_of_the_folder(tmp_path):
    pytest.importorskip("milvus_lite", reason="the extra milvus is not installed")
    (tmp_path / "a.db").write_bytes(b"SQLite")
    with pytest.raises(GalleryError, match="a.db is a file"):
        Gallery.open(tmp_path / "a.db")
    with pytest.raises(GalleryError, match="no gallery"):
        Gallery.open(tmp_path / "b.db", write=False)
