"""Google Drive and Hugging Face through their libraries, stubbed at the network."""

import hashlib
import os
import subprocess
import sys

import pytest

from mmpsearch.zoo import DownloadError, WeightFile
from mmpsearch.zoo.download import fetch
from mmpsearch.zoo.publishers import drive_id

CONTENT = b"weights" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
DRIVE = "https://drive.google.com/file/d/1aB-c_D/view?usp=sharing"
HUGGING = "https://huggingface.co/someone/some-model/resolve/main/folder/w.pth"


@pytest.fixture
def drive(publisher, monkeypatch):
    """Whatever gdown asks Google for goes to the loopback publisher."""
    pytest.importorskip("gdown", reason="Google Drive needs the extra [zoo]")
    requests = pytest.importorskip("requests")
    send = requests.adapters.HTTPAdapter.send

    def send_here(self, request, **options):
        path = request.url.split(".com", 1)[1]
        request.url = publisher.address + path
        return send(self, request, **options)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send_here)
    return publisher


def test_a_drive_s_addresses():
    assert drive_id(DRIVE) == "1aB-c_D"
    assert drive_id("https://drive.google.com/open?id=x_1&y=2") == "x_1"
    assert drive_id("https://drive.google.com/uc?id=x-1") == "x-1"


def test_drive(drive):
    drive.offer("/uc", CONTENT)
    drive.headers["/uc"] = {"Content-Disposition": 'attachment; filename="w.pth"'}
    path = fetch(WeightFile(DRIVE, "m/w.pth", digest=f"sha256:{SHA256}"))
    assert path.read_bytes() == CONTENT
    assert ("GET", "/uc") in [asked[:2] for asked in drive.asked]


def test_drive_that_asks_too_much(drive):
    """The page of a file that was asked for too often, or is private."""
    for path in ("/uc", "/open"):
        drive.offer(
            path, b"<!DOCTYPE html><title>Google Drive - Quota exceeded</title>"
        )
        drive.kinds[path] = "text/html; charset=utf-8"
    with pytest.raises(DownloadError, match="did not hand out the file.*--from FILE"):
        fetch(WeightFile(DRIVE, "m/w.pth"))


CODE = f"""
from mmpsearch.zoo import WeightFile, DownloadError
from mmpsearch.zoo.download import fetch
try:
    print(fetch(WeightFile({HUGGING!r}, "m/w.pth", digest="sha256:{SHA256}")))
except DownloadError as error:
    print("error:", error)
"""


def hugging_face(publisher) -> str:
    """What a process prints that has the library's own option for another address."""
    pytest.importorskip("huggingface_hub", reason="Hugging Face needs the extra [zoo]")
    environment = dict(
        os.environ, HF_ENDPOINT=publisher.address, HF_HUB_DISABLE_TELEMETRY="1"
    )
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def test_hugging_face(publisher, home):
    path = "/someone/some-model/resolve/main/folder/w.pth"
    publisher.offer(path, CONTENT, tag=f'"{SHA256}"')
    publisher.headers[path] = {"X-Repo-Commit": "a" * 40}
    assert hugging_face(publisher) == str(home / "checkpoints/m/w.pth")
    assert (home / "checkpoints/m/w.pth").read_bytes() == CONTENT
    left = [file.name for file in (home / "checkpoints/m").iterdir()]
    assert left == ["w.pth"]


def test_hugging_face_without_the_file(publisher):
    assert "Hugging Face did not hand out the file" in hugging_face(publisher)


@pytest.mark.parametrize(
    "url, package", [(DRIVE, "gdown"), (HUGGING, "huggingface_hub")]
)
def test_a_missing_library_is_named(url, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DownloadError, match=f"needs the package {package}: pip"):
        fetch(WeightFile(url, "m/w.pth"))


@pytest.mark.parametrize(
    "url, message",
    [
        ("https://pan.baidu.com/s/1", "no direct download.*--from FILE"),
        ("ftp://host/w.pth", "ftp:// is not supported"),
        ("https://huggingface.co/someone/model", "is not like https://huggingface.co/"),
    ],
)
def test_addresses_without_a_way(url, message):
    with pytest.raises(DownloadError, match=message):
        fetch(WeightFile(url, "m/w.pth"))


def test_offline_asks_nobody(monkeypatch):
    monkeypatch.setenv("MMPSEARCH_OFFLINE", "1")
    with pytest.raises(DownloadError, match="not asked, MMPSEARCH_OFFLINE is set"):
        fetch(WeightFile("https://example.com/w.pth", "m/w.pth"))
