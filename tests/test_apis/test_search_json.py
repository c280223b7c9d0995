import json
from dataclasses import replace

import numpy as np

from mmpsearch.apis import Match, SearchResult, SourceImage, save_json
from mmpsearch.apis.person_search import Query
from mmpsearch.gallery import ModelFingerprint

QUERY = Query(
    SourceImage(np.zeros((9, 9, 3), np.uint8), "/a/q.png"),
    np.array([1, 2, 3.456, 4], np.float32),
    np.ones(2, np.float32),
    ModelFingerprint("c.py", "w.pth", "0" * 64),
    False,
)
BOX = np.array([10, 20, 30.126, 40], np.float32)
VIDEO = Match(1, 0.98765, 7, "/a/v.mp4", BOX, 0.51239, "door", 3.4567, 34, track=2)
CLOCK = Match(2, 0.5, 8, "/a/v.mp4", BOX, 0.5, "", 4.0, 40, clock=1700000000.5)
STILL = Match(3, 0.25, 9, "/a/p.jpg", BOX, 1.0, "", None, -1)


def read(tmp_path, *arguments):
    path = save_json(tmp_path / "new" / "out", QUERY, *arguments)
    assert path == tmp_path / "new" / "out" / "ranked.json"
    return json.loads(path.read_text())


def test_matches_have_what_is_known_and_null_otherwise(tmp_path):
    content = read(tmp_path, SearchResult([VIDEO, CLOCK, STILL], VIDEO, 0.2, 12))
    assert content["query"] == {
        "path": "/a/q.png",
        "frame": None,
        "box": [1.0, 2.0, 3.46, 4.0],
        "crop": False,
        "model": "w.pth (c.py, sha256 000000000000…)",
    }
    first, second, third = content["matches"]
    assert first == {
        "rank": 1,
        "similarity": 0.9877,
        "path": "/a/v.mp4",
        "frame": 34,
        "time": 3.457,
        "camera": "door",
        "box": [10.0, 20.0, 30.13, 40.0],
        "score": 0.5124,
        "track": 2,
    }
    assert second["time"] == "2023-11-14T22:13:20.500000+00:00"
    assert [third[key] for key in ("frame", "time", "camera", "track")] == [None] * 4
    assert content["found"] and content["searched"] == 12
    assert content["threshold"] == 0.2 and content["appearances"] == []


def test_several_query_pictures(tmp_path):
    video = replace(QUERY, image=replace(QUERY.image, path="/a/v.mp4", frame=5))
    result = SearchResult([VIDEO], VIDEO, None, 1)
    assert read(tmp_path, result)["further_queries"] == []
    path = save_json(tmp_path, [QUERY, video], result)
    content = json.loads(path.read_text())
    assert content["query"]["path"] == "/a/q.png"
    (further,) = content["further_queries"]
    assert (further["path"], further["frame"]) == ("/a/v.mp4", 5)


def test_nobody_and_appearances(tmp_path):
    seen = {"camera": "door", "from": 1.0, "to": 2.0, "similarity": 0.9}
    content = read(tmp_path, SearchResult([], STILL, 0.9, 3), [seen])
    assert content["matches"] == [] and not content["found"]
    assert content["appearances"] == [seen]
