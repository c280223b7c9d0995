"""Figures that compare settings: values with error bars over a number or a name."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mmpsearch.utils.atomic import replace_when_done

# Okabe and Ito's colours, told apart with any colour vision, and markers for print
STYLES = (
    ("#0072B2", "o"),
    ("#D55E00", "s"),
    ("#009E73", "^"),
    ("#CC79A7", "D"),
    ("#56B4E9", "v"),
    ("#E69F00", "P"),
)
BASELINE_STYLE = {"color": "black", "linestyle": (0, (5, 3)), "linewidth": 1.4}
SPREAD = 0.4  # share of a name's width over which the series stand side by side


@dataclass(frozen=True)
class Point:
    """One setting: its place in the figure and its values.

    Attributes:
        series: what it belongs to: a curve, or markers of one colour.
        x: a number, or a name; None: a baseline, drawn as a dashed line.
        values: per metric one value for every training seed, in 0 .. 1.
    """

    series: str
    x: float | str | None
    values: Mapping[str, Sequence[float]]


def mean_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Mean and sample standard deviation, which is 0 for a single value."""
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return statistics.fmean(values), spread


def comparison_figure(
    points: Sequence[Point], metrics: Mapping[str, str], x_label: str = ""
) -> Figure:
    """One panel per metric, in percent; error bars are standard deviations.

    Where every ``x`` is a number, a series is a curve. Where they are names, the
    series stand side by side at every name, as markers: unlike bars they do not ask
    for an axis that starts at zero. Series and names come in order of appearance.

    Args:
        points: at least one with an ``x``.
        metrics: name of a metric -> how it is called.
        x_label: what ``x`` is.

    Returns:
        A figure, to be written by :func:`save_figure`.

    Raises:
        ValueError: there is nothing to draw, or numbers and names are mixed.
    """
    placed = [point for point in points if point.x is not None]
    if not placed:
        raise ValueError("no row has an x: there is nothing to draw")
    kinds = {isinstance(point.x, str) for point in placed}
    if len(kinds) > 1:
        raise ValueError("x is a number in some rows and a name in others")
    by_name = kinds.pop()
    columns = len(metrics) if len(metrics) <= 3 else 2
    rows = math.ceil(len(metrics) / columns)
    width = columns * max(4.2, 1.15 * len(_distinct(placed, "x")) * by_name)
    figure = Figure(figsize=(width, 3.3 * rows + 0.6), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for unused in panels[len(metrics) :]:
        unused.set_visible(False)
    for panel, (metric, title) in zip(panels, metrics.items(), strict=False):
        _draw_series(panel, placed, metric, by_name)
        for point in points:
            if point.x is None:
                mean, _ = mean_and_spread(point.values[metric])
                panel.axhline(100 * mean, label=point.series, **BASELINE_STYLE)
        panel.set_title(title)
        panel.set_xlabel(x_label)
        panel.set_ylabel("percent")
        panel.grid(axis="y", color="0.88")
        panel.set_axisbelow(True)
        panel.margins(y=0.12)
        panel.spines[["top", "right"]].set_visible(False)
    lines, labels = panels[0].get_legend_handles_labels()
    across = min(len(labels), max(2, int(width / 2.4)))
    figure.legend(lines, labels, loc="outside lower center", ncol=across, frameon=False)
    return figure


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a picture, whole or not at all; the suffix says in which format."""
    with replace_when_done(path) as temporary:
        figure.savefig(temporary, dpi=150)


def _distinct(points: Sequence[Point], field: str) -> list:
    return list(dict.fromkeys(getattr(point, field) for point in points))


def _draw_series(
    panel: Axes, points: Sequence[Point], metric: str, by_name: bool
) -> None:
    series, names = _distinct(points, "series"), _distinct(points, "x")
    for number, (name, (colour, marker)) in enumerate(zip(series, cycle(STYLES))):
        own = [point for point in points if point.series == name]
        values = [mean_and_spread(point.values[metric]) for point in own]
        if by_name:
            step = SPREAD / max(len(series) - 1, 1) * (len(series) > 1)
            shift = (number - (len(series) - 1) / 2) * step
            places = [names.index(point.x) + shift for point in own]
        else:
            ordered = sorted(zip([point.x for point in own], values, strict=True))
            places, values = [x for x, _ in ordered], [v for _, v in ordered]
        spreads = [100 * spread if spread else math.nan for _, spread in values]
        panel.errorbar(
            places,
            [100 * mean for mean, _ in values],
            yerr=spreads,
            label=name,
            color=colour,
            marker=marker,
            markersize=6,
            linestyle="none" if by_name else "-",
            capsize=3,
        )
    if by_name:
        panel.set_xticks(range(len(names)), names, rotation=20, ha="right")
        panel.set_xlim(-0.6, len(names) - 0.4)
    else:
        panel.set_xticks(sorted(names))
