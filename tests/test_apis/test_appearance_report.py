import csv

import numpy as np
from PIL import Image

from mmpsearch.apis.appearance_report import save_appearances, timeline_bars
from mmpsearch.gallery.appearances import Appearance
from mmpsearch.gallery.search_result import Match


def appearance(path, start, end, clocked=False):
    box = np.array([2, 2, 10, 20], np.float32)
    best = Match(1, 0.7, 0, str(path), box, 0.9, "door", start, -1)
    return Appearance("door", start, end, clocked, 0.7, 4, best)


def test_bars_have_words_and_pictures(tmp_path):
    Image.new("RGB", (30, 30), "red").save(tmp_path / "a.png")
    there, gone = timeline_bars(
        [
            appearance(tmp_path / "a.png", 75.25, 3661.0),
            appearance(tmp_path / "b.png", 0.0, 0.0, clocked=True),
        ]
    )
    assert (there.begins, there.ends) == ("1:15.2", "1:01:01.0")
    assert there.picture.getpixel((1, 1)) == (255, 0, 0)
    assert "a.png" in there.axis
    assert gone.picture is None and gone.axis == "" and gone.begins.startswith("19")


def test_the_table(tmp_path):
    path = save_appearances(tmp_path / "out", [appearance("/a,b.png", 1.5, 2.0)])
    (row,) = csv.DictReader(path.open(encoding="utf-8"))
    assert row == {
        "camera": "door",
        "from": "1.5",
        "to": "2.0",
        "similarity": "0.7",
        "sightings": "4",
        "path": "/a,b.png",
        "frame": "",
        "box": "2 2 10 20",
    }
