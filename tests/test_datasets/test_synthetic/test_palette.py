import numpy as np

from mmpsearch.datasets.synthetic.palette import (
    CLOTHES,
    Colour,
    draw_cloth_colour,
    draw_contrasting_colour,
    draw_skin_colour,
)


def test_palette_is_skewed_towards_black_white_grey_and_blue():
    shares = {name: swatch.weight for name, swatch in CLOTHES.items()}
    assert len(shares) == 18 and np.isclose(sum(shares.values()), 1)
    assert shares["black"] == 0.19 and shares["white"] == 0.12
    greys = sum(share for name, share in shares.items() if "grey" in name)
    assert np.isclose(greys, 0.18)
    assert np.isclose(shares["navy"] + shares["blue"], 0.16)


def test_drawn_colours_follow_the_shares():
    rng = np.random.default_rng(0)
    drawn = np.array([draw_cloth_colour(rng)[:3] for _ in range(2000)])
    names = list(CLOTHES)
    table = np.array([CLOTHES[name].rgb for name in names])
    nearest = np.abs(drawn[:, None] - table).sum(2).argmin(1)
    dark = np.isin(nearest, [names.index("black")]).mean()
    assert 0.15 < dark < 0.23


def test_contrasting_colour_differs_in_both_spectra():
    rng = np.random.default_rng(1)
    apart = 0
    for _ in range(50):
        first = draw_cloth_colour(rng)
        second = draw_contrasting_colour(rng, first)
        visible = np.abs(np.subtract(first[:3], second[:3])).sum()
        apart += visible > 120 and abs(first.infrared - second.infrared) > 18
    assert apart >= 48


def test_bgr_and_infrared_of_a_colour():
    colour = Colour(10, 20, 30, 77)
    assert colour.bgr("rgb").tolist() == [30, 20, 10]
    assert colour.bgr("ir").tolist() == [77, 77, 77]


def test_skin_is_bright_in_infrared():
    rng = np.random.default_rng(2)
    assert min(draw_skin_colour(rng).infrared for _ in range(60)) > 150
