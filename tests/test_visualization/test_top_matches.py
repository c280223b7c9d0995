"""Several models' first match side by side."""

import numpy as np

from mmpsearch.visualization.drawing import ACCENT, CORRECT, WRONG
from mmpsearch.visualization.ranked_list import match_sighting, query_sighting
from mmpsearch.visualization.top_matches import TopMatches, draw_top_matches

BOX = np.array([20, 10, 60, 90])
SCENE = np.full((120, 160, 3), 200, np.uint8)


def share(pixels, colour):
    """Of an RGB colour in a BGR picture."""
    return (pixels == colour[::-1]).all(axis=2).mean()


def test_frames_say_who_is_right():
    query = query_sighting(SCENE, BOX, "query.jpg")
    right = match_sighting(SCENE, BOX, "a.jpg", 0.9, correct=True)
    wrong = match_sighting(SCENE, BOX, "b.jpg", 0.4, correct=False)
    rows = [TopMatches(query, [right, wrong]), TopMatches(query, [None, right])]
    picture = draw_top_matches(rows, ["Ours", "a model with a very long name"])
    assert picture.dtype == np.uint8 and picture.ndim == 3
    thirds = np.array_split(picture, 3, axis=1)
    upper, lower = zip(*(np.array_split(t, 2) for t in thirds), strict=True)
    assert share(upper[0], ACCENT) > 0 and share(lower[0], ACCENT) > 0
    assert share(upper[1], CORRECT) > 0 and share(upper[1], WRONG) == 0
    assert share(upper[2], WRONG) > 0 and share(upper[2], CORRECT) == 0
    assert share(lower[1], WRONG) > 0  # nobody was found
    assert share(lower[2], CORRECT) > 0
