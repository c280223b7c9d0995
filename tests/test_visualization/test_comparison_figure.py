"""What stands where in a comparison, and that it is drawn."""

import numpy as np
import pytest
from PIL import Image

from mmpsearch.visualization.comparison_figure import (
    STYLES,
    Point,
    comparison_figure,
    mean_and_spread,
    save_figure,
)

CURVES = [
    Point("none", None, {"mAP": [0.5]}),
    Point("qc", 100, {"mAP": [0.6, 0.8]}),
    Point("oc", 20, {"mAP": [0.3]}),
    Point("qc", 20, {"mAP": [0.4, 0.4]}),
    Point("oc", 100, {"mAP": [0.5]}),
]
NAMED = [
    Point("qc", "mixed", {"mAP": [0.6], "top1": [0.9]}),
    Point("qc", "frozen", {"mAP": [0.5], "top1": [0.8]}),
    Point("oc", "frozen", {"mAP": [0.4], "top1": [0.7]}),
]


def curves(figure, panel=0):
    """Per series its places, values and standard deviations, in percent."""
    found = {}
    for drawn in figure.axes[panel].containers:
        line, _, (bars,) = drawn
        ends = [segment for segment in bars.get_segments() if len(segment)]
        lengths = [(upper - lower) / 2 for (_, lower), (_, upper) in ends]
        found[drawn.get_label()] = (*line.get_data(), lengths, line)
    return found


def test_mean_and_spread_by_hand():
    assert mean_and_spread([0.6, 0.8]) == pytest.approx((0.7, 0.02**0.5))
    assert mean_and_spread([0.3]) == (0.3, 0.0)


def test_numbers_make_curves_from_left_to_right():
    figure = comparison_figure(CURVES, {"mAP": "search mAP"}, "labels")
    (panel,) = figure.axes
    x, y, spreads, line = curves(figure)["qc"]
    assert list(x) == [20, 100] and y == pytest.approx([40, 70])
    assert spreads == pytest.approx([100 * 0.02**0.5])  # none for equal values
    assert line.get_linestyle() == "-" and line.get_color() == STYLES[0][0]
    (baseline,) = [line for line in panel.lines if line.get_label() == "none"]
    assert list(baseline.get_ydata()) == [50, 50]
    assert (panel.get_title(), panel.get_xlabel()) == ("search mAP", "labels")
    assert [text.get_text() for text in figure.legends[0].texts] == ["none", "qc", "oc"]


def test_names_stand_side_by_side():
    figure = comparison_figure(NAMED, {"mAP": "mAP", "top1": "top-1"})
    first, second = figure.axes
    found = curves(figure)
    assert found["qc"][0] == pytest.approx([-0.2, 0.8])
    assert found["oc"][0] == pytest.approx([1.2])
    assert found["oc"][1] == pytest.approx([40])
    assert curves(figure, 1)["oc"][1] == pytest.approx([70])
    assert found["qc"][3].get_linestyle() == "None"
    ticks = [label.get_text() for label in second.get_xticklabels()]
    assert ticks == ["mixed", "frozen"]


def test_many_metrics_take_two_columns():
    metrics = {name: name for name in "abcde"}
    points = [Point("qc", 1, {name: [0.5] for name in metrics})]
    figure = comparison_figure(points, metrics)
    assert [panel.get_visible() for panel in figure.axes] == [True] * 5 + [False]


def test_nothing_or_a_mixture_cannot_be_drawn():
    with pytest.raises(ValueError, match="no row has an x"):
        comparison_figure(CURVES[:1], {"mAP": "mAP"})
    mixed = [*NAMED, Point("qc", 3, {"mAP": [0.5], "top1": [0.1]})]
    with pytest.raises(ValueError, match="a number in some rows and a name in others"):
        comparison_figure(mixed, {"mAP": "mAP"})


def test_save_figure(tmp_path):
    save_figure(comparison_figure(CURVES, {"mAP": "mAP"}), tmp_path / "a/figure.png")
    pixels = np.asarray(Image.open(tmp_path / "a/figure.png").convert("RGB"))
    assert pixels.shape == (585, 630, 3) and (pixels == 255).mean() > 0.7
    colour = [int(STYLES[0][0][i : i + 2], 16) for i in (1, 3, 5)]
    assert (pixels == colour).all(axis=2).any()
    assert [file.name for file in (tmp_path / "a").iterdir()] == ["figure.png"]
