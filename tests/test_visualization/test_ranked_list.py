"""The picture and the page of one ranked list."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from mmpsearch.visualization import (
    RankedList,
    crop_sighting,
    draw_ranked_list,
    match_sighting,
    missing_sighting,
    query_sighting,
    ranked_page,
    save_ranked_page,
    save_ranked_picture,
)
from mmpsearch.visualization.drawing import ACCENT, CORRECT, FAINT, NEUTRAL, WRONG
from mmpsearch.visualization.ranked_picture import (
    CROP_TILE_SIZE,
    GAP,
    HEADER_HEIGHT,
    MARGIN,
    TILE_SIZE,
)

BOX = np.array([20, 10, 60, 90])
HOSTILE = "<script>alert('x')</script> & \"q\" $title \udcff.jpg"


def scene(colour):
    return np.full((120, 160, 3), colour[::-1], np.uint8)


def ranked(found=True, title="b.jpg"):
    sightings = [
        match_sighting(scene((250, 0, 250)), BOX, "a.jpg", 0.9, "0:01.5", True),
        match_sighting(scene((0, 250, 250)), BOX, title, 0.5, correct=False),
        match_sighting(scene((9, 99, 9)), BOX, "c.jpg", 0.25),
        missing_sighting("d.jpg", -0.125),
    ]
    query = query_sighting(scene((200, 100, 0)), BOX, "query.jpg")
    return RankedList(query, sightings, "Found in 4 pictures", found)


def tile(picture, number, columns=3, size=TILE_SIZE):
    x = MARGIN + number % columns * (size[0] + GAP)
    y = HEADER_HEIGHT + number // columns * (size[1] + GAP)
    return picture[y : y + size[1], x : x + size[0]]


def share(pixels, colour):
    return (pixels == colour).all(axis=2).mean()


def test_every_match_has_its_place_frame_and_pictures():
    picture = draw_ranked_list(ranked())[:, :, ::-1]
    assert picture.dtype == np.uint8
    assert picture.shape[0] == HEADER_HEIGHT + 2 * (TILE_SIZE[1] + GAP) + MARGIN
    colours = [CORRECT, WRONG, NEUTRAL, NEUTRAL]
    for number, colour in enumerate(colours):
        assert tuple(tile(picture, number)[0, 0]) == colour
        assert tuple(tile(picture, number)[-1, -1]) == colour
    assert share(tile(picture, 0), (250, 0, 250)) > 0.4
    assert share(tile(picture, 1), (0, 250, 250)) > 0.4
    assert share(picture[:HEADER_HEIGHT], (200, 100, 0)) > 0.1
    assert share(picture[:HEADER_HEIGHT], ACCENT) > 0.001
    assert share(tile(picture, 4), (255, 255, 255)) == 1  # nothing there


def crops():
    matches = [
        crop_sighting(scene((250, 0, 250))[:, :60], "0001_c1.jpg", 0.9, correct=True),
        crop_sighting(scene((0, 250, 250))[:, :60], "0002_c1.jpg", 0.5, correct=False),
    ]
    return RankedList(crop_sighting(scene((200, 100, 0))[:, :60], "q.jpg"), matches)


def test_crops_are_shown_once():
    picture = draw_ranked_list(crops())[:, :, ::-1]
    assert picture.shape[0] == HEADER_HEIGHT + CROP_TILE_SIZE[1] + GAP + MARGIN
    area = CROP_TILE_SIZE[0] * CROP_TILE_SIZE[1]
    for number, colour in enumerate([(250, 0, 250), (0, 250, 250)]):
        pixels = tile(picture, number, 6, CROP_TILE_SIZE)
        assert tuple(pixels[0, 0]) == (CORRECT, WRONG)[number]
        assert share(pixels, colour) == pytest.approx(110 * 220 / area, rel=0.01)
    header = picture[:HEADER_HEIGHT]
    assert share(header, (200, 100, 0)) * header[..., 0].size == 150 * 300
    seen = Collector()
    seen.feed(ranked_page([crops()]))
    assert [image["class"] for image in seen.images] == ["crop"] * 3
    assert ("ol", {"class": "crops"}) in seen.tags


def test_nobody_is_said_in_red_and_candidates_are_grey():
    found, nobody = ranked(True), ranked(False)
    header = draw_ranked_list(found)[:HEADER_HEIGHT, :, ::-1]
    assert share(header, WRONG) == 0
    picture = draw_ranked_list(nobody)[:, :, ::-1]
    assert share(picture[:HEADER_HEIGHT], WRONG) > 0.0005
    assert tuple(tile(picture, 2)[0, 0]) == FAINT


def test_a_list_without_matches_is_the_header_alone():
    picture = draw_ranked_list(RankedList(ranked().query, (), "Nobody", False))
    assert picture.shape[0] == HEADER_HEIGHT + MARGIN


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_the_picture_is_saved_in_the_ending_s_format(tmp_path, ending):
    path = tmp_path / "new" / f"ranked.{ending}"
    save_ranked_picture(path, ranked())
    with Image.open(path) as image:
        assert image.format == {"png": "PNG", "jpg": "JPEG"}[ending]
        expected = draw_ranked_list(ranked())[:, :, ::-1].astype(int)
        np.testing.assert_allclose(
            np.asarray(image).mean(axis=(0, 1)), expected.mean(axis=(0, 1)), atol=1
        )
    assert [p.name for p in path.parent.iterdir()] == [path.name]


class Collector(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.images, self.words = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_stands_alone_and_holds_the_pictures():
    page = ranked_page([ranked()], "A & B")
    seen = Collector()
    seen.feed(page)
    assert len(seen.images) == 2 * (1 + 4)
    prefix = "data:image/jpeg;base64,"
    assert all(image["src"].startswith(prefix) for image in seen.images)
    first = base64.b64decode(seen.images[0]["src"][len(prefix) :])
    with Image.open(io.BytesIO(first)) as crop:
        assert crop.size == (int(seen.images[0]["width"]),) + crop.size[1:]
        np.testing.assert_allclose(crop.getpixel((50, 50)), (200, 100, 0), atol=4)
    assert not {"script", "link", "iframe", "a"} & {tag for tag, _ in seen.tags}
    assert "http" not in page and "url(" not in page
    assert ("meta", "viewport") in [(t, a.get("name")) for t, a in seen.tags]
    words = " ".join(seen.words)
    for word in ("A & B", "query.jpg", "a.jpg", "0:01.5", "0.900", "-0.125"):
        assert word in words
    assert "Found in 4 pictures" in words
    states = [a["class"] for t, a in seen.tags if t == "li"]
    assert states == ["match right", "match wrong", "match ", "match "]


def test_names_are_escaped():
    page = ranked_page([ranked(title=HOSTILE)], HOSTILE)
    assert "<script" not in page and page.count("&lt;script&gt;") == 3
    page.encode("utf-8")


def test_the_page_says_nobody(tmp_path):
    nobody = RankedList(ranked().query, (), "No such person", False)
    save_ranked_page(tmp_path / "r.html", [ranked(), ranked(False), nobody])
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert re.findall('<section class="(.*?)">', page) == ["", "nobody", "nobody"]
    assert page.count("turned down") == 1 and page.count("No such person") == 1
