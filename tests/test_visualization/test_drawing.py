import numpy as np
import pytest

from mmpsearch.visualization import drawing
from mmpsearch.visualization.drawing import (
    CORRECT,
    NEUTRAL,
    WRONG,
    fit,
    font,
    frame_colour,
    person_crop,
    scene_with_box,
    shorten,
)


def quarters():
    """40 x 80: red and green above, blue and white below (BGR)."""
    image = np.zeros((40, 80, 3), np.uint8)
    image[:20, :40] = (0, 0, 255)
    image[:20, 40:] = (0, 255, 0)
    image[20:, :40] = (255, 0, 0)
    image[20:, 40:] = 255
    return image


def test_fit_keeps_the_shape_and_turns_bgr_into_rgb():
    picture, factor = fit(quarters(), 40, 40)
    assert picture.size == (40, 20) and factor == 0.5
    assert picture.getpixel((5, 5)) == (255, 0, 0)
    assert picture.getpixel((35, 5)) == (0, 255, 0)
    assert fit(quarters(), 1000, 1000)[0].size == (320, 160)  # at most four times
    assert fit(np.zeros((1, 500, 3), np.uint8), 50, 50)[0].size == (50, 1)


def test_crop_shows_the_box():
    crop = person_crop(quarters(), np.array([0, 0, 40, 20]), 40, 40)
    assert crop.size == (40, 20)
    assert {colour for _, colour in crop.getcolors()} == {(255, 0, 0)}


@pytest.mark.parametrize(
    ("box", "colour"),
    [
        ([-50, -50, -10, -10], (255, 0, 0)),
        ([200, 5, 300, 10], (0, 255, 0)),
        ([79.5, 39.5, 79.6, 39.6], (255, 255, 255)),
    ],
)
def test_boxes_outside_or_tiny_still_give_a_crop(box, colour):
    crop = person_crop(quarters(), np.array(box), 20, 20)
    assert crop.getpixel((0, 0)) == colour


def test_the_box_is_drawn_at_the_scaled_place():
    yellow = (250, 250, 0)
    image = np.zeros((100, 200, 3), np.uint8)
    scene = np.asarray(
        scene_with_box(image, np.array([40, 20, 120, 80]), yellow, 100, 50)
    )
    assert scene.shape == (50, 100, 3)
    rows, columns = np.nonzero((scene == yellow).all(axis=2))
    assert (rows.min(), rows.max()) == (10, 40)
    assert (columns.min(), columns.max()) == (20, 60)
    assert not (scene[13:38, 23:58] == yellow).all(axis=2).any()  # open inside


def test_a_box_over_the_border_is_drawn_inside():
    yellow = (250, 250, 0)
    scene = scene_with_box(
        np.zeros((50, 50, 3), np.uint8), np.array([-90, -9, 900, 99]), yellow, 50, 50
    )
    pixels = np.asarray(scene)
    assert (pixels[0] == yellow).all() and (pixels[:, -1] == yellow).all()


def test_shorten_cuts_in_the_middle():
    face = font(14)
    assert shorten("short.jpg", 500, face) == "short.jpg"
    name = "a" * 50 + "_the_end.jpg"
    cut = shorten(name, 120, face)
    assert face.getlength(cut) <= 120
    head, tail = cut.split("…")
    assert name.startswith(head) and name.endswith(tail) and tail.endswith(".jpg")
    assert shorten("wide", 1, face) == "…"
    assert shorten("line\nbreak", 500, face) == "line\N{REPLACEMENT CHARACTER}break"


def test_colours_and_font_without_dejavu(monkeypatch):
    assert [frame_colour(c) for c in (True, False, None)] == [CORRECT, WRONG, NEUTRAL]

    real = drawing.ImageFont.truetype

    def missing(name, *arguments, **options):
        if isinstance(name, str):
            raise OSError
        return real(name, *arguments, **options)

    monkeypatch.setattr(drawing.ImageFont, "truetype", missing)
    assert font.__wrapped__(20, True).getlength("abc") > 10
