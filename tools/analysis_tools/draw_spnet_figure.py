"""Draw the SPNet paper's figures 6, 7 and 8 from result files.

    python tools/analysis_tools/draw_spnet_figure.py 6 noise.json --out figure6.png

A result file has ``rows``; a row says where it stands in the figure and its values::

    {"rows": [
      {"series": "none", "mAP": [0.51], "top1": [0.62]},
      {"series": "query-centric", "x": 20, "mAP": [0.53, 0.54], "top1": [0.61, 0.63]},
      {"series": "query-centric", "x": 60, "tests": ["work_dirs/a", "work_dirs/b"]}
    ]}

``x`` is a number (figure 6: percent of labels) or a name (figure 7: the layers'
optimisation, figure 8: the architecture); a row without it is a baseline, a dashed
line. Values are in 0 .. 1, one for every training seed, or come from ``tests``: work
folders of tools/test.py, whose latest result is read, or its JSON files. Several files
are drawn into one figure. Error bars are standard deviations over the seeds.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from mmpsearch.errors import ConfigError
from mmpsearch.utils.command_line import FIGURES, one_line_errors, output_file
from mmpsearch.visualization.comparison_figure import (
    Point,
    comparison_figure,
    save_figure,
)

METRICS = {
    "mAP": "mAP",
    "top1": "top-1",
    "gt_mAP": "mAP with ground-truth boxes",
    "det_ap": "detection AP@0.5",
    "det_recall": "detection recall",
}


@dataclass(frozen=True)
class Preset:
    """What a figure of the paper shows: its metrics and its horizontal axis."""

    metrics: tuple[str, ...]
    x_label: str


PRESETS = {
    "6": Preset(("mAP", "top1", "det_ap", "det_recall"), "labels, percent of all"),
    "7": Preset(("mAP", "top1"), "layers in pre-training"),
    "8": Preset(("mAP", "top1"), "architecture"),
}


def read_points(path: Path, metrics: tuple[str, ...]) -> list[Point]:
    """The rows of one result file, see above.

    Args:
        path: JSON file; ``tests`` are relative to the working directory.
        metrics: wanted in every row.

    Raises:
        ConfigError: naming the file, the row and what is missing.
    """
    try:
        rows = json.loads(path.read_text())["rows"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: is no result file: {error!r}") from None
    points = []
    for number, row in enumerate(rows):
        place = f"{path}: row {row.get('name', number)}"
        if "series" not in row:
            raise ConfigError(f"{place}: has no 'series'; see --help")
        values = row
        if "tests" in row:
            found = [_test_metrics(Path(test), place) for test in row["tests"]]
            names = set(metrics).intersection(*found)
            values = {name: [test[name] for test in found] for name in names}
        missing = [name for name in metrics if not values.get(name)]
        if missing:
            raise ConfigError(
                f"{place}: has no values of {missing[0]!r}; add them, or choose others "
                "by --metrics"
            )
        wanted = {name: values[name] for name in metrics}
        points.append(Point(row["series"], row.get("x"), wanted))
    return points


def _test_metrics(path: Path, place: str) -> dict[str, float]:
    """Metrics of one call of tools/test.py: its JSON file, or its work folder."""
    if path.is_dir():
        written = sorted(path.glob("**/[0-9]*_[0-9]*.json"), key=lambda p: p.name)
        if not written:
            raise ConfigError(f"{place}: {path} has no result of tools/test.py")
        path = written[-1]
    if not path.is_file():
        raise ConfigError(f"{place}: {path}: there is no such file or folder")
    return json.loads(path.read_text())


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("figure", choices=PRESETS, help="of the paper")
    parser.add_argument("results", type=Path, nargs="+", help="result files")
    parser.add_argument(
        "--out",
        type=output_file(*FIGURES),
        required=True,
        help="picture to write, such as a.png",
    )
    parser.add_argument(
        "--metrics", nargs="+", choices=METRICS, help="others, in order"
    )
    parser.add_argument("--x-label", help="another text below the axis")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    args = parse_args(arguments)
    preset = PRESETS[args.figure]
    metrics = tuple(args.metrics or preset.metrics)
    points = [point for path in args.results for point in read_points(path, metrics)]
    label = preset.x_label if args.x_label is None else args.x_label
    try:
        figure = comparison_figure(points, {m: METRICS[m] for m in metrics}, label)
    except ValueError as error:
        raise ConfigError(f"{args.results[0]}: {error}") from None
    save_figure(figure, args.out)
    print(f"{args.out}: {len(points)} rows")


if __name__ == "__main__":
    with one_line_errors():
        main()
