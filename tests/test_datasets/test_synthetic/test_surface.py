import numpy as np
import pytest

from mmpsearch.datasets.synthetic.surface import Canvas, ellipsoid, polygon, tube

WHITE = np.full(3, 255, np.float32)


def test_over_is_exact_for_premultiplied_colours():
    canvas = Canvas(1, 1)
    half = np.full((1, 1), 0.5, np.float32)
    canvas.over(0, 0, half, np.float32((100, 0, 0)))
    canvas.over(0, 0, half, np.float32((0, 200, 0)))
    assert np.allclose(canvas.alpha, 0.75)
    assert np.allclose(canvas.colour, [[[25, 100, 0]]])


def test_tube_covers_its_area():
    canvas = Canvas(80, 80)
    start, end = np.array((20.0, 40.0)), np.array((60.0, 40.0))
    tube(canvas, start, end, (10.0, 10.0), WHITE, rounded=(False, False))
    assert canvas.alpha.sum() == pytest.approx(40 * 20, rel=0.06)
    round_ends = Canvas(80, 80)
    tube(round_ends, start, end, (10.0, 10.0), WHITE)
    grown = round_ends.alpha.sum() - canvas.alpha.sum()
    assert grown == pytest.approx(np.pi * 100, rel=0.12)


def test_tube_narrows_along_its_axis():
    canvas = Canvas(100, 60)
    tube(canvas, np.array((30.0, 10.0)), np.array((30.0, 90.0)), (20.0, 4.0), WHITE)
    widths = canvas.alpha.sum(1)
    assert widths[20] == pytest.approx(36, abs=3) and widths[85] == pytest.approx(
        10, abs=3
    )


def test_texture_gets_position_along_and_across():
    seen = {}

    def texture(v, u):
        seen["v"], seen["u"] = v, u
        return np.zeros((*v.shape, 3), np.float32)

    canvas = Canvas(40, 40)
    tube(canvas, np.array((20.0, 5.0)), np.array((20.0, 35.0)), (8.0, 8.0), texture)
    assert seen["v"].min() == 0 and seen["v"].max() == 1
    row = seen["u"][seen["u"].shape[0] // 2]
    assert (np.diff(row) >= 0).all() and row[0] == -1 and row[-1] == 1


def test_light_from_the_right_brightens_the_right():
    canvas = Canvas(40, 40, light=1.0)
    ellipsoid(canvas, np.array((20.0, 20.0)), (12.0, 12.0), WHITE * 0.5)
    assert canvas.colour[20, 28].mean() > canvas.colour[20, 12].mean() + 5
    area = canvas.alpha.sum()
    assert area == pytest.approx(np.pi * 144, rel=0.03)


def test_region_limits_an_ellipsoid():
    canvas = Canvas(40, 40)
    ellipsoid(
        canvas,
        np.array((20.0, 20.0)),
        (12.0, 12.0),
        WHITE,
        region=lambda x, y, z: (y > 0).astype(np.float32),
    )
    assert canvas.alpha[:20].sum() > 200 and canvas.alpha[21:].sum() == 0


def test_polygon_area_and_parts_outside_the_canvas():
    canvas = Canvas(30, 30)
    polygon(canvas, np.array(((5, 5), (25, 5), (25, 25), (5, 25))), WHITE)
    assert 20 * 20 < canvas.alpha.sum() < 22 * 22  # OpenCV draws the rim, too
    before = canvas.alpha.copy()
    far = np.array((100.0, 100.0))
    polygon(canvas, np.array(((90, 90), (99, 90), (95, 99))), WHITE)
    tube(canvas, far, far + 5, (3.0, 3.0), WHITE)
    ellipsoid(canvas, far, (3.0, 3.0), WHITE)
    assert (canvas.alpha == before).all()
