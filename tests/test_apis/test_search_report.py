import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from mmpsearch.apis import (
    Match,
    Query,
    SearchResult,
    SourceImage,
    make_ranked_list,
    result_table,
    save_report,
)
from mmpsearch.apis.search_report import (
    format_time,
    match_detail,
    read_match,
    verdict,
)
from mmpsearch.apis.sources import seeking
from mmpsearch.apis.sources.video_file import read_video_frame

from .colour_model import BLUE, RED, scene

BOX = np.array([20, 10, 60, 90], np.float32)


def match(rank, similarity, path, **others):
    values = dict(camera="", time=None, frame=-1, score=0.875)
    return Match(
        rank=rank, similarity=similarity, id=rank, path=path, box=BOX, **values | others
    )


@pytest.fixture
def query():
    picture = scene((RED, BOX.astype(int)))[:, :, ::-1]
    return Query(SourceImage(picture, "/x/scene.png"), BOX, np.ones(3), None, False)


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "[photo].png"
    Image.fromarray(scene((BLUE, BOX.astype(int)))).save(path)
    return str(path)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00.0"), (75.25, "1:15.2"), (3599.99, "59:59.9"), (7325.5, "2:02:05.5")],
)
def test_times(seconds, text):
    assert format_time(seconds) == text


def test_details():
    assert match_detail(match(1, 0.5, "a")) == "score 0.88"
    assert match_detail(match(1, 0.5, "a", time=1.5, camera="2")) == (
        "0:01.5 · camera 2 · score 0.88"
    )


def test_verdicts():
    matches = [match(1, 0.8, "a"), match(2, 0.7, "a"), match(3, 0.6, "b")]
    assert "Found in 2 pictures among 9 people" in verdict(
        SearchResult(matches, matches[0], 0.5, 9)
    )
    ranking = verdict(SearchResult(matches, matches[0], None, 9))
    assert "3 most similar of 9" in ranking and "not a claim" in ranking
    nobody = verdict(SearchResult([], matches[2], 0.75, 9))
    assert nobody == (
        "No such person: the most similar of 9 reaches 0.600, below 0.750."
    )
    assert verdict(SearchResult([], None, None, 0)).startswith("No such person: there")


def test_matches_are_read_and_lost_ones_drawn_grey(query, photo):
    found = [match(1, 0.8, photo), match(2, 0.6, "/gone/b.png", time=2.0)]
    ranked = make_ranked_list(
        query, SearchResult(found, found[0], 0.5, 9), [True, False]
    )
    assert ranked.found and ranked.query.title == "scene.png"
    assert ranked.query.detail == "box 20 10 60 90"
    first, lost = ranked.sightings
    assert (first.title, first.similarity, first.correct) == ("[photo].png", 0.8, True)
    assert {c for _, c in first.crop.getcolors()} == {BLUE}
    assert lost.correct is False and len(lost.scene.getcolors()) == 1
    assert lost.detail == "0:02.0 · score 0.88 · the picture cannot be read any more"


def test_matches_late_in_a_video_are_not_decoded_from_its_start(tmp_path, monkeypatch):
    path = str(tmp_path / "a.webm")
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"VP80"), 20, (64, 48))
    for number in range(120):
        writer.write(np.full((48, 64, 3), number, np.uint8))
    writer.release()
    expected = read_video_frame(path, 100)
    monkeypatch.setattr(seeking, "read_frame", None)
    found = read_match(match(1, 0.8, path, time=5.0, frame=100))
    np.testing.assert_array_equal(found, expected)
    assert abs(found.mean() - 100) < 5


def test_nobody_shows_the_nearest_as_turned_down(query, photo):
    result = SearchResult([], match(1, 0.4, photo), 0.5, 9)
    ranked = make_ranked_list(query, result)
    assert not ranked.found and [s.similarity for s in ranked.sightings] == [0.4]
    empty = make_ranked_list(query, SearchResult([], None, 0.5, 0))
    assert not empty.found and empty.sightings == []


def test_files_and_table(query, photo, tmp_path):
    result = SearchResult([match(1, 0.8, photo, time=3.0)], None, 0.5, 9)
    picture, page = save_report(tmp_path / "out", make_ranked_list(query, result))
    assert Image.open(picture).format == "JPEG"
    assert "[photo].png" in page.read_text(encoding="utf-8")
    console = Console(file=io.StringIO(), width=200)
    console.print(result_table(result))
    shown = console.file.getvalue()
    for words in ("0.800", "0.88", "0:03.0", "20 10 60 90", "[photo].png", "Found in"):
        assert words in shown
    assert f'href="file://{tmp_path}/%5Bphoto%5D.png"' in page.read_text("utf-8")


def test_a_thousand_results_are_several_pictures(query, photo, tmp_path):
    ranked = make_ranked_list(query, SearchResult([match(1, 0.8, photo)], None, 0.5, 9))
    many = replace(ranked, sightings=ranked.sightings * 400)
    *pictures, page = save_report(tmp_path, many)
    assert [p.name for p in pictures] == ["ranked.jpg", "ranked_2.jpg", "ranked_3.jpg"]
    heights = [Image.open(p).height for p in pictures]
    assert heights[0] == heights[1] > heights[2] and max(heights) < 20_000
    assert page.read_text("utf-8").count('<li class="match') == 400
    save_report(tmp_path, ranked)  # a shorter one leaves nothing of the longer one
    assert sorted(p.name for p in tmp_path.glob("*.jpg")) == ["ranked.jpg"]


@pytest.mark.parametrize(
    "box", [[np.nan, 0, 5, 5], [50, 90, 20, 10], [-np.inf, 0, np.inf, 5]]
)
def test_odd_boxes_are_drawn(photo, query, box):
    odd = match(1, 0.8, photo)
    odd = replace(odd, box=np.array(box, np.float32))
    ranked = make_ranked_list(query, SearchResult([odd], None, 0.5, 9))
    assert ranked.sightings[0].crop.width > 0
