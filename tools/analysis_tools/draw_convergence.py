"""Draw a metric over epochs from the logs of several runs (UP-ReID, Figures 4-6).

    python tools/analysis_tools/draw_convergence.py \\
        ImageNet=work_dirs/a MoCo=work_dirs/b UP-ReID=work_dirs/c --out convergence.png

Runs that share a label, such as seeds, become one line of their mean in a band from
the worst to the best. The last value stands at the end of each line.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import one_line_errors, output_file
from mmpsearch.utils.run_logs import validation_curve

Curve = Mapping[int, float]
# Told apart without colour vision too (Okabe and Ito).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
TITLES = {"mAP": "mAP", "mINP": "mINP", "rank1": "rank-1"}


def summarise(curves: Sequence[Curve]) -> list[tuple[int, float, float, float]]:
    """Mean and range at the steps that all runs have.

    Args:
        curves: at least one; step -> value.

    Returns:
        ``(step, mean, least, largest)`` by step.
    """
    steps = set.intersection(*(set(curve) for curve in curves))
    rows = []
    for step in sorted(steps):
        values = [curve[step] for curve in curves]
        rows.append((step, sum(values) / len(values), min(values), max(values)))
    return rows


def draw(
    labelled: Mapping[str, Sequence[Curve]], metric: str, step_name: str
) -> Figure:
    """One line per label.

    Args:
        labelled: label -> curves of its runs.
        metric: what is drawn.
        step_name: title of the horizontal axis.

    Raises:
        ValueError: the runs of a label have no step in common.
    """
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.add_subplot()
    ends = []
    for number, (label, curves) in enumerate(labelled.items()):
        rows = summarise(curves)
        if not rows:
            raise ValueError(f"the runs of {label!r} were never validated at one step")
        steps, means, least, largest = zip(*rows, strict=True)
        colour = COLOURS[number % len(COLOURS)]
        title = label if len(curves) == 1 else f"{label} ({len(curves)} runs)"
        marker = MARKERS[number % len(MARKERS)]
        axis.plot(steps, means, color=colour, marker=marker, markersize=4, label=title)
        if len(curves) > 1:
            axis.fill_between(steps, least, largest, color=colour, alpha=0.15, lw=0)
        ends.append((means[-1], steps[-1], colour))
    axis.set_xlabel(step_name)
    axis.set_ylabel(TITLES.get(metric, metric))
    axis.grid(alpha=0.3)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False)
    axis.set_ylim(bottom=0)
    _write_last_values(axis, ends)
    return figure


def _write_last_values(axis: Axes, ends: list[tuple[float, int, str]]) -> None:
    """The last values beside their points, moved apart where they are close."""
    gap = 0.045 * axis.get_ylim()[1]
    height = float("-inf")
    for value, step, colour in sorted(ends):
        height = max(value, height + gap)
        axis.annotate(
            f"{value:.3f}",
            (step, height),
            xytext=(7, 0),
            textcoords="offset points",
            color=colour,
            fontsize=9,
            va="center",
            annotation_clip=False,
        )


def parse_runs(words: Sequence[str]) -> dict[str, list[Path]]:
    """``label=folder`` words as label -> folders; a bare folder is its own label."""
    runs = defaultdict(list)
    for word in words:
        label, _, folder = word.rpartition("=")
        runs[label or Path(folder).name].append(Path(folder))
    return dict(runs)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", help="LABEL=WORK_DIR of tools/train.py")
    parser.add_argument("--metric", default="mAP", help="as the logs name it [mAP]")
    parser.add_argument("--step-name", default="epoch", help="of the lower axis")
    parser.add_argument(
        "--out", type=output_file(".png"), required=True, help="PNG to write"
    )
    args = parser.parse_args(arguments)
    try:
        curves = {
            label: [validation_curve(folder, args.metric) for folder in folders]
            for label, folders in parse_runs(args.runs).items()
        }
        figure = draw(curves, args.metric, args.step_name)
    except (FileNotFoundError, KeyError, ValueError) as error:
        print(f"error: {error.args[0]}", file=sys.stderr)
        return 1
    with replace_when_done(args.out) as temporary:
        figure.savefig(temporary, dpi=150, format="png")
    print(args.out)
    return 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
