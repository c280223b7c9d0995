"""The command line, run in this process."""

import importlib.util
import json
import re
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from PIL import Image

from tests.test_apis.colour_model import BLUE, GREEN, RED, config, scene
from tests.test_apis.tiny_graphs import colour_embedder

DEMO = Path(__file__).parents[2] / "demo" / "search_person.py"
A, B = (20, 30, 60, 110), (100, 10, 140, 90)


@pytest.fixture(scope="module")
def demo():
    spec = importlib.util.spec_from_file_location("search_person", DEMO)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(demo, tmp_path, monkeypatch, capfd):
    """Call the demo in a folder with a model, a query and photographs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    Config(config()).dump("colour.py")
    torch.save({"gain": torch.ones(3)}, "w.pth")
    Image.fromarray(scene((RED, A))).save("query.png")
    (tmp_path / "photos").mkdir()
    Image.fromarray(scene((BLUE, A), (RED, B))).save("photos/a.png")
    Image.fromarray(scene((GREEN, A))).save("photos/b.png")
    (tmp_path / "photos" / "c.jpg").write_bytes(b"broken")
    (tmp_path / "nothing").mkdir()
    model = ["--config", "colour.py", "--checkpoint", "w.pth"]

    def call(words, given=model):
        code = demo.main([*given, *words.split()])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


QUERY = "--query query.png --box 20 30 60 110 "


def test_the_person_is_found_and_reported(run, tmp_path):
    code, out, _ = run(QUERY + "--gallery photos --out ranked --threshold 0.9")
    assert code == 0
    assert "3 people in 2 pictures" in out and "1 file could not be read" in out
    assert re.search(r"c\.jpg: .*not a picture", out)
    assert "Found in 1 picture among 3 people" in out and "1.000" in out
    assert "100 10 140 90" in out
    assert "ranked/ranked.jpg" in out and "ranked/ranked.html" in out
    content = json.loads((tmp_path / "ranked" / "ranked.json").read_text())
    (match,) = content["matches"]
    assert match["path"].endswith("a.png") and match["box"] == [100, 10, 140, 90]
    assert Image.open(tmp_path / "ranked" / "ranked.jpg").width > 500
    assert "a.png" in (tmp_path / "ranked" / "ranked.html").read_text()


def test_detector_and_embedder_by_file(run, tmp_path):
    pytest.importorskip("onnxruntime", reason="the extra 'onnx'")
    boxes = {"a.png": [[*A, 0.9], [*B, 0.8]], "b.png": [[*A, 0.7]]}
    (tmp_path / "boxes.json").write_text(json.dumps(boxes))
    colour_embedder(tmp_path / "e.onnx")
    (tmp_path / "e.yaml").write_text("channel_order: bgr\ncontext: 0\n")
    given = "--detector boxes.json --embedder e.onnx --device cpu".split()
    code, out, err = run(QUERY + "--gallery photos/a.png photos/b.png", given)
    assert code == 0 and "3 people in 2 pictures" in out and "warning" not in err
    matches = json.loads((tmp_path / "ranked/ranked.json").read_text())["matches"]
    assert matches[0]["box"] == list(B) and matches[0]["similarity"] == 1
    assert matches[0]["score"] == 0.8


def test_a_model_of_drawn_people_is_warned_of(run, tmp_path):
    meta = {"drawn_people": True}
    torch.save({"meta": meta, "state_dict": {"gain": torch.ones(3)}}, "w.pth")
    code, _, err = run(QUERY + "--gallery photos")
    assert code == 0 and "warning: The model learned from drawn people" in err
    assert "drawn people" in (tmp_path / "ranked" / "ranked.html").read_text()


def test_nobody(run, tmp_path):
    code, out, _ = run("--crop photos/b.png --gallery query.png --threshold 0.99")
    assert code == 0 and "No such person" in out
    assert "turned down" in (tmp_path / "ranked" / "ranked.html").read_text()


def test_several_pictures_of_the_person(run, tmp_path):
    """Red and blue: their mean is as near to either; the nearer counts with max."""
    Image.fromarray(scene((BLUE, B))).save("other.png")
    both = QUERY + "--query other.png --box 100 10 140 90 --gallery photos "
    code, _, _ = run(both + "--one-per person")
    assert code == 0
    content = json.loads((tmp_path / "ranked/ranked.json").read_text())
    assert [Path(one["path"]).name for one in content["further_queries"]] == [
        "other.png"
    ]
    similarities = [match["similarity"] for match in content["matches"]]
    assert similarities[:2] == pytest.approx([0.5**0.5, 0.5**0.5], abs=1e-3)
    page = (tmp_path / "ranked/ranked.html").read_text()
    assert "the first of 2 pictures" in page and "other.png" in page
    assert page.count("<strong>Query</strong>") == 2
    run(both + "--one-per person --combine max")
    content = json.loads((tmp_path / "ranked/ranked.json").read_text())
    assert [match["similarity"] for match in content["matches"]][:2] == [1, 1]


def test_a_query_in_a_video(run, tmp_path):
    frames = [Image.fromarray(scene((RED, (x, 30, x + 40, 110)))) for x in (0, 20, 40)]
    frames[0].save("a.gif", save_all=True, append_images=frames[1:])
    words = "--query a.gif --query-frame 1 --box 20 30 60 110 --gallery a.gif"
    code, _, _ = run(words + " --frame-step 1")
    content = json.loads((tmp_path / "ranked/ranked.json").read_text())
    assert code == 0 and content["query"]["frame"] == 1
    assert sorted(match["frame"] for match in content["matches"]) == [0, 2]
    assert "frame 1 · box 20 30 60 110" in (tmp_path / "ranked/ranked.html").read_text()
    code, _, err = run(words.replace("frame 1", "frame 9"))
    assert code == 2 and "no frame 9" in err


def test_the_gallery_is_kept_and_used_again(run):
    first = run(QUERY + "--gallery photos --index g.npz")
    again = run(QUERY + "--gallery photos query.png --index g.npz")
    alone = run(QUERY + "--index g.npz --top-k 1")
    assert [code for code, *_ in (first, again, alone)] == [0, 0, 0]
    assert "1 person in 1 picture, 2 files unchanged" in again[1]
    assert "1 most similar of 3" in alone[1]  # the query's own picture is left out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--query query.png --box 500 0 600 90 --gallery photos", "outside.*160 x 120"),
        ("--query query.png --box 60 0 10 90 --gallery photos", "x1 < x2"),
        ("--query photos/c.jpg --box 0 0 9 9 --gallery photos", "c.jpg.*not a picture"),
        ("--query gone.png --box 0 0 9 9 --gallery photos", "gone.png.*no such file"),
        (QUERY + "--gallery nothing", "gallery is empty"),
        (QUERY + "--gallery photos/c.jpg", "gallery is empty"),
        (QUERY + "--gallery nowhere", "nowhere.*no such file or folder"),
        (QUERY + "--index photos/a.png", "a.png is not a gallery"),
        (QUERY + "--gallery photos --camera dor", "no camera 'dor'"),
        (QUERY + "--gallery photos --out w.pth/x", "w.pth"),
        (QUERY + "--gallery photos --scene-filter", "filter network.*w.pth.* is not"),
        ("--crop query.png --gallery photos --scene-filter", "needs the scene"),
    ],
)
def test_errors_are_one_clear_line(run, words, message):
    code, _, err = run(words)
    assert code == 2
    lines = [line for line in err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1 and re.search(message, lines[0])
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("--config none.py", "none.py"),
        ("--config colour.py --checkpoint none.pth", "none.pth.*no such file"),
        ("--config colour.py --checkpoint colour.py", "colour.py"),
    ],
)
def test_models_that_do_not_load(run, given, message):
    code, _, err = run(QUERY + "--gallery photos", given.split())
    assert code == 2 and re.search("error: .*" + message, err)


def test_another_model_s_gallery_is_refused(run):
    assert run(QUERY + "--gallery photos --index g.npz")[0] == 0
    torch.save({"gain": torch.full((3,), 2.0)}, "other.pth")
    given = ["--config", "colour.py", "--checkpoint", "other.pth"]
    code, _, err = run(QUERY + "--index g.npz", given)
    assert code == 2 and re.search(r"w\.pth.*other\.pth", err)


@pytest.mark.parametrize(
    "words",
    [
        "--query query.png --gallery photos",
        QUERY,
        QUERY + "--gallery photos --top-k 0",
        QUERY + "--gallery photos --scene-threshold 0.5",
        QUERY + "--box 1 2 3 4 --gallery photos",
        QUERY + "--query-frame 1 --query-frame 2 --gallery photos",
    ],
)
def test_arguments_that_do_not_fit_together(run, words, capfd):
    with pytest.raises(SystemExit) as stop:
        run(words)
    assert stop.value.code == 2
