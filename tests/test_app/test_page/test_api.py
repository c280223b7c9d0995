"""The page's server without a browser: calls, doors, logins."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from mmpsearch.app.launch import Address
from mmpsearch.app.users import hash_password
from mmpsearch.errors import InputError
from mmpsearch.gallery.audit import AuditLog
from tests.test_app.conftest import BLUE, BOXES, RED, ROW, save_video

from .conftest import serving

client_module = pytest.importorskip("gradio_client", reason="needs the extra [app]")
RED_BOX, BLUE_BOX = (list(map(float, BOXES[side])) for side in ("right", "left"))


@pytest.fixture(scope="module")
def client(served):
    return client_module.Client(served[1], verbose=False)


def status(url, path, host=None):
    request = urllib.request.Request(url.rstrip("/") + path)
    if host:
        request.add_header("Host", host)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, dict(response.headers)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers)


def picture(path):
    return client_module.handle_file(path)


def test_people_of_a_picture(client, query_file):
    found = client.predict(picture(query_file), api_name="/find_people")
    assert (found["width"], found["height"]) == (160, 120)
    assert sorted(one["box"] for one in found["people"]) == [BLUE_BOX, RED_BOX]


def test_search_refine_and_report(served, client, query_file):
    asked = dict(picture=picture(query_file), box=RED_BOX, one_per="person")
    found = client.predict(**asked, api_name="/search")
    first, second = found["matches"][:2]
    assert first["file"].endswith("a.png") and second["file"].endswith("c.png")
    judged = client.predict(**asked, same=[second["id"]], api_name="/search")
    rows = {row["id"]: row for row in judged["matches"]}
    assert rows[second["id"]]["similarity"] > second["similarity"]
    assert rows[second["id"]]["judged"] == "same"
    text = client.predict(**asked, kind="csv", api_name="/report")
    assert text.startswith("rank,similarity,camera")
    html = client.predict(**asked, api_name="/report")
    assert html.startswith("<!DOCTYPE html>")
    frame = client.predict(first["id"], api_name="/frame")
    assert frame.startswith("data:image/jpeg")
    nobody = client.predict(**asked, threshold=1.0, cameras=["x"], api_name="/search")
    assert not nobody["found"]
    # nothing of the uploads is left
    left = [p for p in (served[0].state / "uploads").rglob("*") if p.is_file()]
    assert not left and not len(served[0].sessions)


@pytest.mark.parametrize(
    ("call", "arguments", "words"),
    [
        ("search", dict(box=[900, 0, 950, 50]), "outside"),
        ("search", dict(box=[1, 2]), "four finite numbers"),
        ("search", dict(top_k=10**9), "1 to 200"),
        ("search", dict(since="soon"), "no time"),
        ("report", dict(kind="exe"), "none of html"),
    ],
)
def test_what_is_wrong_is_said(client, query_file, call, arguments, words):
    with pytest.raises(Exception, match=words):
        client.predict(picture(query_file), **arguments, api_name=f"/{call}")


def test_as_curl_does_it(served, query_file):
    url = served[1].rstrip("/") + "/gradio_api"
    content = b"--x\r\nContent-Disposition: form-data; name=files; filename=q.png"
    content += b"\r\n\r\n" + Path(query_file).read_bytes() + b"\r\n--x--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=x"}

    def ask(path, data=None, headers=None):
        asked = urllib.request.Request(url + path, data, headers or {})
        with urllib.request.urlopen(asked) as response:
            return response.read().decode()

    (file,) = json.loads(ask("/upload", content, kind))
    given = json.dumps({"picture": {"path": file}, "box": RED_BOX}).encode()
    plain = {"Content-Type": "application/json"}
    event = json.loads(ask("/call/v2/search", given, plain))["event_id"]
    answer = ask(f"/call/search/{event}")
    (found,) = json.loads(answer.partition("data: ")[2])
    assert found["matches"][0]["file"].endswith("a.png")


@pytest.mark.parametrize(
    "given",
    [
        {"path": "/etc/passwd"},
        {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
        {"path": "state/uploads/../../people.gallery"},
        {"url": "http://127.0.0.1:1/"},
        "/etc/passwd",
        None,
    ],
)
def test_only_uploads_are_read(client, given):
    with pytest.raises(Exception) as caught:
        client.predict(given, api_name="/find_people")
    assert "root:" not in str(caught.value)


def test_the_gallery_over_the_api(client, served):
    service, _ = served
    (row,) = client.predict(api_name="/sources")
    assert row["files"] == 3 and row["people"] == 4
    with pytest.raises(Exception, match="--media"):
        client.predict("/etc", api_name="/add")
    path = row["file"] + "/b.png"
    assert client.predict(files=[path], api_name="/remove")["people"] == 1
    job = client.predict(row["file"], "door", api_name="/add")
    job = service.jobs.wait(job["number"], 60)
    assert "removed for good before" in job.text and len(service.gallery) == 3
    (entry,) = client.predict(api_name="/removed")
    assert entry["file"] == path
    assert client.predict([entry["key"]], api_name="/allow") == 1
    job = client.predict(row["file"], "door", api_name="/add")
    service.jobs.wait(job["number"], 60)
    assert len(service.gallery) == 4
    assert client.predict(api_name="/jobs")[0]["state"] == "done"
    with pytest.raises(Exception, match="one of ids"):
        client.predict(api_name="/remove")
    assert "warnings" in client.predict(api_name="/model")


def test_who_was_seen_long_ago_is_removed_over_the_api(tmp_path, colour_inferencer):
    with serving(tmp_path, colour_inferencer) as (service, url):
        service.gallery.audit = AuditLog(tmp_path / "audit.jsonl")
        (seen,) = colour_inferencer.detect(str(tmp_path / "photos" / "a.png"))
        for days in (20, 40):
            clock = time.time() - 86400 * days
            old = replace(seen, path=f"/x/{days}.png", clock=clock)
            service.gallery.add(old)
        assert len(service.gallery) == 4 + 2 + 2
        mine = client_module.Client(url, verbose=False)
        for _ in range(2):  # one date is kept, which moves on
            mine.predict(30, api_name="/retention")
            assert len(service.gallery) == 4 + 2
            assert [one["kind"] for one in mine.predict(api_name="/removed")] == [
                "before"
            ]
        assert mine.predict(19.5, api_name="/retention") == {"people": 2}
        service.gallery.add(old)  # does not come back
        assert len(service.gallery) == 4
        events = map(json.loads, (tmp_path / "audit.jsonl").read_text().splitlines())
        told = [(one["days"], one["people"]) for one in events]
        assert told == [(30, 2), (30, 0), (19.5, 2)]
        for wrong in (0, -1, 1e9):
            with pytest.raises(Exception, match="no number of days"):
                mine.predict(wrong, api_name="/retention")
        service.care.writable = False
        with pytest.raises(Exception, match="only read"):
            mine.predict(1, api_name="/retention")
        assert len(service.gallery) == 4


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file%3D/etc/passwd",
        "/gradio_api/file%253D/etc/passwd",
        "/gradio_api/file/../../etc/passwd",
        "/file=/etc/passwd",
        "/gradio_api/file=http://127.0.0.1:1/x",
        "/gradio_api/proxy=http://127.0.0.1:1/x",
        "/gradio_api/file=PHOTOS/a.png",
        "/gradio_api/file=STATE/jobs/000001.json",
        "/static/../../../../etc/passwd",
        "/assets/..%2f..%2f..%2fetc/passwd",
    ],
)
def test_no_file_is_served(served, path):
    service, url = served
    photos = str(service.media.folders[0])
    path = path.replace("PHOTOS", photos).replace("STATE", str(service.state))
    assert status(url, path)[0] in (403, 404)


def test_hosts_and_headers(served):
    _, url = served
    code, headers = status(url, "/")
    assert code == 200 and "default-src 'self'" in headers["content-security-policy"]
    assert status(url, "/", "evil.example")[0] == 403
    assert status(url, "/", "localhost:7860")[0] == 200


def test_other_addresses_need_users():
    for host in ("0.0.0.0", "192.168.1.7", "::", "example.org"):
        with pytest.raises(InputError, match="--users"):
            Address(host)
        assert not Address(host, users={"ann": "x"}).local
    for host in ("127.0.0.1", "127.0.0.2", "::1", "localhost"):
        assert Address(host).local
    with pytest.raises(InputError, match="belong together"):
        Address(certificate="c.pem")


def test_nobody_comes_in_without_the_password(tmp_path, colour_inferencer, query_file):
    users = {"ann": hash_password("correct horse")}
    with serving(tmp_path, colour_inferencer, users) as (service, url):
        assert status(url, "/config")[0] == 401
        assert status(url, "/gradio_api/info")[0] == 401
        for wrong in (None, ("ann", "wrong"), ("bob", "correct horse"), ("ann", "")):
            with pytest.raises(Exception):  # noqa: B017  (of several kinds)
                client_module.Client(url, auth=wrong, verbose=False)
        mine = client_module.Client(url, auth=("ann", "correct horse"), verbose=False)
        assert mine.predict(api_name="/sources")[0]["files"] == 3


def test_programs_come_in_with_the_token(tmp_path, colour_inferencer, capfd):
    token = "a-token-that-nobody-guesses"
    with serving(tmp_path, colour_inferencer, token=token) as (service, url):
        assert status(url, "/config")[0] == 401
        assert status(url, "/gradio_api/info")[0] == 401
        for headers in (None, {"Authorization": "Bearer wrong"}):
            with pytest.raises(Exception):  # noqa: B017  (of several kinds)
                client_module.Client(url, headers=headers, verbose=False)
        headers = {"Authorization": f"Bearer {token}"}
        mine = client_module.Client(url, headers=headers, verbose=False)
        query = picture(service.media.folders[0] + "/b.png")
        found = mine.predict(query, BLUE_BOX, api_name="/search")
        assert found["matches"][0]["file"].endswith("b.png")
    said = capfd.readouterr()
    assert token not in said.out + said.err


def test_tracks_over_the_api(tmp_path, colour_inferencer):
    pytest.importorskip("lap", reason="ByteTrack needs lap")
    tracks = tmp_path / "tracks"
    with serving(tmp_path, colour_inferencer, fill=False, tracks=tracks) as found:
        service, url = found
        people = (RED, ROW[0]), (BLUE, ROW[2])
        video = save_video(tmp_path / "photos" / "hall.webm", *people)
        mine = client_module.Client(url, verbose=False)
        with pytest.raises(Exception, match="--media"):
            mine.predict("/etc/passwd", api_name="/follow")
        job = mine.predict(video, 2, api_name="/follow")
        assert service.jobs.wait(job["number"], 60).state == "done"
        keys = {row["key"] for row in mine.predict(api_name="/tracks")}
        assert keys == {"hall/1@1", "hall/2@1"}
        assert mine.predict(["hall/2@1"], "Eva", api_name="/label") == 1
        rows = mine.predict("hall/1@1", 9, api_name="/split")
        assert {row["person"] for row in rows} == {"hall/1", "hall/1/9", "Eva"}
        made = mine.predict("mine", 1, api_name="/training_set")
        assert made["people"] == 3 and made["folder"] == str(tmp_path / "mine")
