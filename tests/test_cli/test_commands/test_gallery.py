import json

import numpy as np
import pytest

from mmpsearch.cli.main import main
from mmpsearch.errors import GalleryError
from mmpsearch.gallery import Gallery
from mmpsearch.gallery.forgetting import note_report

from ...test_gallery.plain_list import some_people


@pytest.fixture
def gallery(tmp_path):
    path = tmp_path / "p.gallery"
    rng = np.random.default_rng(0)
    with Gallery.open(path) as gallery:
        for number in range(10):
            gallery.add(some_people(rng, f"/x/{number}\x1b[31m.jpg", 4))
    return path


def run(*arguments):
    return main(["gallery", *map(str, arguments)])


def ids(path):
    with Gallery.open(path, write=False) as gallery:
        return gallery.column("ids").tolist()


def test_info(gallery, capsys):
    assert run("info", gallery, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["people"], found["files"], found["dimension"]) == (40, 10, 8)
    assert run("info", gallery) == 0
    assert "people     40" in capsys.readouterr().out


def test_remove_list_and_allow(gallery, capsys):
    assert run("remove", gallery, "--id", 3, 4, "--reason", "asked") == 0
    assert run("remove", gallery, "--file", "/x/5\x1b[31m.jpg") == 0
    assert ids(gallery) == [*range(3), *range(5, 20), *range(24, 40)]
    capsys.readouterr()
    assert run("suppressed", gallery) == 0
    shown = capsys.readouterr().out
    assert shown.count("\n") == 3 and "(asked)" in shown and "\x1b" not in shown
    key = shown.splitlines()[0].split()[0]
    assert run("allow", gallery, key) == 0
    with Gallery.open(gallery, write=False) as opened:
        assert len(opened.suppressed) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["info", "none.gallery"], "there is no gallery none.gallery"),
        (["remove", "{}", "--id", "99"], "nobody with id [99]"),
        (["forget", "{}", "--id", "99"], "nobody with id [99]"),
        (["remove", "{}", "--file", "/none.jpg"], "no file /none.jpg"),
        (["remove", "{}", "--camera", "dor"], "no camera 'dor' in .* knows door, "),
        (["forget", "{}", "--camera", "dor"], "no camera 'dor' in .* knows door, "),
        (["remove", "{}", "--before", "soon"], "'soon' is no time"),
        (["remove", "{}", "--before", "1:30"], "'1:30' is no date"),
        (["allow", "{}", "abc"], "nothing is suppressed under abc"),
        (["migrate", "{}", "{}"], "being written|not empty"),
        (["info", "{}", "--collection", "x"], "belong to Milvus"),
    ],
)
def test_mistakes_are_one_line(gallery, capsys, arguments, message):
    arguments = [a.replace("{}", str(gallery)) for a in arguments]
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2
    error = capsys.readouterr().err
    import re

    assert re.search(message.replace("[", r"\["), error) and error.count("\n") == 1


@pytest.mark.parametrize("action", ["remove", "forget"])
def test_beside_an_unknown_camera_nobody_is_removed(gallery, action):
    before = ids(gallery)
    with pytest.raises(SystemExit):
        run(action, gallery, "--camera", "door", "dor")
    assert ids(gallery) == before
    with Gallery.open(gallery) as opened:
        assert opened.suppressed == []
        with pytest.raises(GalleryError, match="no camera 'dor'"):
            opened.remove(camera="dor")
        assert opened.suppressed == []
    assert run(action, gallery, "--camera", "door") == 0
    with Gallery.open(gallery, write=False) as opened:
        assert "door" not in opened.cameras and len(opened.cameras) > 0
        assert [str(entry) for entry in opened.suppressed] == ["camera door"]


def test_retention_moves_one_date(gallery, capsys):
    for _ in range(3):
        assert run("retention", gallery, "--days", 0) == 0
    with Gallery.open(gallery, write=False) as opened:
        kinds = [entry.kind for entry in opened.suppressed]
        assert kinds.count("before") == 1
        now = opened.suppressed[-1].when
        # pictures of the future stay; those without a clock are as old as the gallery
        assert (opened.column("clocks") > now).all()


def test_forget_deletes_reports_that_show_the_person(gallery, tmp_path, capsys):
    with Gallery.open(gallery, write=False) as opened:
        victim = opened.store.fetch([5])
        beside, other = opened.store.fetch([4]), opened.store.fetch([30])

    def report(folder, person):
        folder.mkdir()
        row = {
            "path": str(person.paths[0]),
            "frame": None if person.frames[0] < 0 else int(person.frames[0]),
            "box": [round(float(v), 2) for v in person.boxes[0]],
        }
        content = {"query": {"path": "/q.jpg", "box": [0, 0, 9, 9]}, "matches": [row]}
        (folder / "ranked.json").write_text(json.dumps(content))
        for name in ("ranked.jpg", "ranked.html", "ranked_2.jpg", "mine.txt"):
            (folder / name).write_text("x")

    report(tmp_path / "known", victim)
    report(tmp_path / "named", victim)
    report(tmp_path / "beside", beside)  # the victim is in its picture
    report(tmp_path / "other", other)
    with Gallery.open(gallery) as opened:
        note_report(opened, tmp_path / "known")
        note_report(opened, tmp_path / "beside")
        note_report(opened, tmp_path / "other")
    assert run("forget", gallery, "--id", 5, "--reports", tmp_path / "named") == 0
    shown = capsys.readouterr().out
    assert "1 records removed, 12 files deleted" in shown and "backups" in shown
    assert [p.name for p in (tmp_path / "known").iterdir()] == ["mine.txt"]
    assert [p.name for p in (tmp_path / "beside").iterdir()] == ["mine.txt"]
    assert [p.name for p in (tmp_path / "named").iterdir()] == ["mine.txt"]
    assert len(list((tmp_path / "other").iterdir())) == 5
    assert 5 not in ids(gallery)


def test_restore_keeps_people_removed(gallery, tmp_path):
    backup = tmp_path / "backup"
    backup.write_bytes(gallery.read_bytes())
    run("remove", gallery, "--id", 7)
    gallery.write_bytes(b"")
    gallery.unlink()
    assert run("restore", gallery, backup) == 0
    assert ids(gallery) == [i for i in range(40) if i != 7]


def test_migrate_and_load(gallery, tmp_path):
    assert run("migrate", gallery, tmp_path / "b.gallery") == 0
    assert ids(tmp_path / "b.gallery") == ids(gallery)
    assert run("load", tmp_path / "year.gallery", gallery) == 0
    assert len(ids(tmp_path / "year.gallery")) == 40
    run("remove", gallery, "--id", 7)
    assert run("compact", gallery) == 0 and len(ids(gallery)) == 39


def test_the_audit_log_says_who_did_what(gallery, tmp_path):
    log = tmp_path / "audit.jsonl"
    run("remove", gallery, "--id", 7, "--audit", log, "--reason", "asked")
    (event,) = map(json.loads, log.read_text().splitlines())
    assert event["action"] == "remove" and event["people"] == 1
    assert event["who"] and event["when"].startswith("20")
