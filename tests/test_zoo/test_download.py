"""Downloads are whole, checked and in one piece, whatever the publisher does."""

import hashlib
import os
import threading

import pytest

from mmpsearch.zoo import DownloadError, WeightFile, ZooError, http
from mmpsearch.zoo.digests import read_record
from mmpsearch.zoo.download import fetch, fetch_entry, ways_out
from mmpsearch.zoo.entry import Entry

CONTENT = bytes(range(256)) * 4096  # one MiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def offered(publisher, digest: str = f"sha256:{SHA256}", **options) -> WeightFile:
    url = publisher.offer("/w.pth", CONTENT, **options)
    return WeightFile(url, "model/w.pth", len(CONTENT), digest)


def leftovers(home) -> list[str]:
    return sorted(f.name for f in (home / "checkpoints/model").iterdir())


def test_downloads_once(publisher, home):
    file = offered(publisher)
    seen = []
    path = fetch(file, progress=lambda done, total: seen.append((done, total)))
    assert path == home / "checkpoints/model/w.pth"
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert fetch(file) == path
    assert len(publisher.asked) == 1
    assert leftovers(home) == ["w.pth"]


@pytest.mark.parametrize("cut", [1, 300_000, len(CONTENT) - 1])
def test_goes_on_after_a_cut(publisher, home, cut):
    publisher.cuts["/w.pth"] = [cut]
    path = fetch(offered(publisher))
    assert path.read_bytes() == CONTENT
    assert publisher.asked[1] == ("GET", "/w.pth", f"bytes={cut}-")
    assert leftovers(home) == ["w.pth"]


@pytest.mark.parametrize("cut", [1, 300_000, len(CONTENT) - 1])
def test_goes_on_in_another_run(publisher, home, monkeypatch, cut):
    monkeypatch.setattr(http, "ATTEMPTS", 1)
    file = offered(publisher)
    publisher.cuts["/w.pth"] = [cut]
    with pytest.raises(DownloadError, match=f"cut off, 1 times; {cut} bytes are kept"):
        fetch(file)
    assert not (home / "checkpoints/model/w.pth").exists()
    assert fetch(file).read_bytes() == CONTENT
    assert publisher.asked[-1][2] == f"bytes={cut}-"


def test_ends_when_every_attempt_is_cut(publisher):
    publisher.cuts["/w.pth"] = [100, 100, 100]
    with pytest.raises(DownloadError, match="3 times; 300 bytes are kept"):
        fetch(offered(publisher))


def test_starts_anew_when_the_file_was_replaced_meanwhile(publisher, monkeypatch):
    monkeypatch.setattr(http, "ATTEMPTS", 1)
    publisher.offer("/w.pth", b"old" * 1000, tag='"old"')
    file = WeightFile(publisher.address + "/w.pth", "model/w.pth")
    publisher.cuts["/w.pth"] = [1000]
    with pytest.raises(DownloadError, match="1000 bytes are kept"):
        fetch(file)
    publisher.offer("/w.pth", CONTENT, tag='"new"')
    assert fetch(file).read_bytes() == CONTENT


def test_starts_anew_where_it_cannot_be_known_to_go_on(publisher, monkeypatch):
    """Without a version tag, a part is worth something only if the whole is checked."""
    monkeypatch.setattr(http, "ATTEMPTS", 1)
    for digest, wanted in (("", None), (f"sha256:{SHA256}", "bytes=1000-")):
        file = offered(publisher, digest, tag="")
        publisher.cuts["/w.pth"] = [1000]
        with pytest.raises(DownloadError):
            fetch(file)
        path = fetch(file)
        assert path.read_bytes() == CONTENT
        assert publisher.asked[-1][2] == wanted
        path.unlink()


def test_a_server_without_ranges_sends_all_again(publisher):
    publisher.ranges = False
    publisher.cuts["/w.pth"] = [1000]
    assert fetch(offered(publisher)).read_bytes() == CONTENT


def test_a_whole_part_needs_nothing_more(publisher, home):
    """The run was killed between the last byte and the renaming."""
    file = offered(publisher)
    part = home / "checkpoints/model/w.pth.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT)
    part.with_name("w.pth.part.tag").write_text('{"tag": "\\"1\\""}')
    assert fetch(file).read_bytes() == CONTENT
    assert publisher.asked == [("GET", "/w.pth", f"bytes={len(CONTENT)}-")]


@pytest.mark.parametrize("digest", [f"sha256:{'0' * 64}", "sha384:00000000"])
def test_a_wrong_digest_is_refused(publisher, home, digest):
    with pytest.raises(DownloadError, match="wrong digest") as caught:
        fetch(offered(publisher, digest))
    assert publisher.address in str(caught.value)
    assert leftovers(home) == []  # nor is the next attempt misled


@pytest.mark.parametrize(
    "algorithm, length", [("sha256", 8), ("sha384", 96), ("md5", 32)]
)
def test_a_right_digest_is_taken(publisher, algorithm, length):
    digest = hashlib.new(algorithm, CONTENT).hexdigest()[:length]
    assert fetch(offered(publisher, f"{algorithm}:{digest}")).is_file()


def test_a_wrong_size_is_refused(publisher):
    url = publisher.offer("/w.pth", CONTENT[:-1])
    with pytest.raises(
        DownloadError, match="1048575 bytes, the catalogue says 1048576"
    ):
        fetch(WeightFile(url, "model/w.pth", len(CONTENT)))


def test_the_first_digest_is_kept_where_none_is_published(publisher):
    file = offered(publisher, digest="")
    path = fetch(file)
    assert read_record(file)["sha256"] == SHA256
    path.unlink()
    publisher.offer("/w.pth", CONTENT[::-1])
    with pytest.raises(DownloadError, match="differs from the first download"):
        fetch(file)
    publisher.offer("/w.pth", CONTENT)
    assert fetch(file) == path


def test_a_file_changed_in_its_place_is_noticed(publisher):
    file = offered(publisher)
    path = fetch(file)
    path.write_bytes(CONTENT[::-1])
    with pytest.raises(DownloadError, match=f"{path} has the wrong digest"):
        fetch(file)


def test_a_file_put_in_its_place_by_hand_is_taken(publisher, home):
    file = offered(publisher)
    path = home / "checkpoints/model/w.pth"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    assert fetch(file) == path
    assert publisher.asked == []


@pytest.mark.parametrize(
    "status, message",
    [
        (404, "404 Not Found: the file is no longer there"),
        (403, "403 Forbidden: the file needs a login.*--from FILE"),
        (400, "400 Bad Request"),
        (503, "503 Service Unavailable, 3 times"),
    ],
)
def test_a_refusal_is_one_clear_error(publisher, status, message):
    file = offered(publisher)
    publisher.refusals["/w.pth"] = status
    with pytest.raises(DownloadError, match=message):
        fetch(file)


@pytest.mark.parametrize(
    "kind", ["text/html; charset=utf-8", "application/octet-stream"]
)
def test_a_page_is_not_taken_for_a_file(publisher, home, kind):
    url = publisher.offer("/w.pth", b"\n<!DOCTYPE html><title>Log in</title>")
    publisher.kinds["/w.pth"] = kind
    with pytest.raises(DownloadError, match="a web page came instead of the file"):
        fetch(WeightFile(url, "model/w.pth"))
    assert "w.pth" not in leftovers(home)


def test_redirects_are_followed(publisher):
    file = offered(publisher)
    publisher.redirects["/old.pth"] = "/w.pth"
    old = WeightFile(publisher.address + "/old.pth", "model/w.pth", digest=file.digest)
    assert fetch(old).read_bytes() == CONTENT


def test_redirects_in_a_circle_end(publisher):
    publisher.redirects.update({"/a": "/b", "/b": "/a"})
    with pytest.raises(DownloadError, match="redirected without an end"):
        fetch(WeightFile(publisher.address + "/a", "model/w.pth"))


def test_no_connection_is_said(publisher):
    with pytest.raises(DownloadError, match="no connection"):
        fetch(WeightFile("http://127.0.0.1:9/w.pth", "model/w.pth"))


def test_a_given_file_stands_for_the_download(publisher, home, tmp_path):
    file = offered(publisher)
    given = tmp_path / "from a friend.pth"
    given.write_bytes(CONTENT)
    assert fetch(file, given).read_bytes() == CONTENT
    assert publisher.asked == [] and given.is_file()
    given.write_bytes(b"x" * len(CONTENT))
    with pytest.raises(DownloadError, match="from a friend.pth has the wrong digest"):
        fetch(file, given)
    assert fetch(file).read_bytes() == CONTENT  # the good one is still there
    with pytest.raises(DownloadError, match="there is no such file"):
        fetch(file, tmp_path / "no.pth")


@pytest.mark.parametrize("place", ["model/w.pth", "w.pth"])
def test_a_mirror_is_asked_first(publisher, tmp_path, monkeypatch, place):
    file = WeightFile(
        "http://127.0.0.1:9/w.pth", "model/w.pth", digest=f"sha256:{SHA256}"
    )
    publisher.offer(f"/mirror/{place}", CONTENT)
    monkeypatch.setenv("MMPSEARCH_MIRROR", publisher.address + "/mirror/")
    path = fetch(file)
    path.unlink()
    folder = tmp_path / "mounted" / place
    folder.parent.mkdir(parents=True)
    folder.write_bytes(CONTENT)
    monkeypatch.setenv("MMPSEARCH_MIRROR", str(tmp_path / "mounted"))
    assert fetch(file) == path
    folder.write_bytes(b"other")
    path.unlink()
    with pytest.raises(DownloadError, match="wrong digest"):
        fetch(file)


def test_what_the_mirror_lacks_comes_from_the_publisher(publisher, monkeypatch):
    monkeypatch.setenv("MMPSEARCH_MIRROR", publisher.address + "/mirror")
    assert fetch(offered(publisher)).read_bytes() == CONTENT


def test_two_at_once_download_once(publisher):
    file = offered(publisher)
    threads = [threading.Thread(target=fetch, args=(file,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(publisher.asked) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(publisher, home):
    home.mkdir()
    home.chmod(0o500)
    with pytest.raises(DownloadError, match="cannot be written.*MMPSEARCH_HOME"):
        fetch(offered(publisher))


def test_the_ways_out_are_said():
    file = WeightFile("http://127.0.0.1:9/w.pth", "model/w.pth")
    entry = Entry("some-backbone", "backbone", (file,))
    with pytest.raises(DownloadError) as caught:
        fetch_entry(entry)
    text = str(caught.value)
    assert "mmpsearch download some-backbone --from FILE" in text
    assert "MMPSEARCH_MIRROR=http://HOST/FOLDER" in text


def test_models_of_several_files(publisher, tmp_path):
    urls = [publisher.offer(f"/m.{s}", s.encode()) for s in ("xml", "bin")]
    files = tuple(WeightFile(u, f"m/m{u[-4:]}", size=3) for u in urls)
    entry = Entry("m", "embedder", files, format="openvino")
    given = [tmp_path / "my.bin", tmp_path / "my.xml"]
    for path in given:
        path.write_bytes(path.suffix[1:].encode())
    assert [f.read_text() for f in fetch_entry(entry, given)] == ["xml", "bin"]
    assert [f.read_text() for f in fetch_entry(entry)] == ["xml", "bin"]
    assert "download m --from m.xml m.bin" in ways_out(entry)
    with pytest.raises(ZooError, match=r"consists of 2 files \(m.xml, m.bin\), 1 "):
        fetch_entry(entry, given[:1])
    with pytest.raises(ZooError, match="no weights are published"):
        fetch_entry(Entry("none", "re-id"))
