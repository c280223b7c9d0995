"""Draw one figure per result file of the experiments on methods into docs/images.

    python tools/experiments/draw_figures.py

Per row a bar of the mean with its standard deviation, and a dot per training seed.
"""

import argparse
import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
import mmgl_synthetic  # noqa: E402
import person_search_methods  # noqa: E402
import personvit_synthetic  # noqa: E402
import spnet_claims  # noqa: E402
import up_reid_synthetic  # noqa: E402

from mmpsearch.utils.atomic import replace_when_done  # noqa: E402
from mmpsearch.utils.command_line import one_line_errors

ROOT = Path(__file__).resolve().parents[2]
PANELS = ("mAP", "top1", "det_ap")
FEW_LABELS = {
    "frozen_mAP": "frozen k-NN mAP",
    "mAP_10": "mAP, 10 % of the labels",
    "mAP_25": "25 %",
    "mAP_100": "100 %",
}
CROSS_MODALITY = {"frozen_mAP": "frozen mAP", "mAP": "mAP", "rank1": "rank-1"}
HEADS = {"gt_mAP": "GT mAP", "mAP": "mAP", "det_ap": "detection AP"}


def draw_bars(
    results: dict, titles: dict[str, str], panels: dict[str, str], path: Path
):
    """One panel per metric, one bar per row.

    Args:
        results: ``question`` and ``rows`` (``name``, values per metric and seed,
            ``mean``, ``std``).
        titles: name of a row -> its label, in the order of the bars.
        panels: metric -> title of its panel.
        path: PNG to write, whole or not at all.
    """
    found = {row["name"]: row for row in results["rows"]}
    # the first row comes out at the top
    rows = [found[name] for name in titles if name in found][::-1]
    figure, (axes,) = plt.subplots(
        1,
        len(panels),
        figsize=(3.0 * len(panels) + 2.2, 0.5 * len(rows) + 1.4),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis, (metric, title) in zip(axes, panels.items(), strict=True):
        for height, row in enumerate(rows):
            mean, std = row["mean"][metric], row["std"][metric]
            axis.barh(
                height, mean, xerr=std, color="#9ecae1", ecolor="#08519c", capsize=3
            )
            values = row[metric]
            axis.plot(
                values, [height] * len(values), "o", color="#08306b", markersize=3
            )
            axis.annotate(
                f"{mean:.3f}",
                (0, height),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
            )
        axis.set_title(title)
        axis.set_xlim(left=0)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_yticks(range(len(rows)), [titles[row["name"]] for row in rows])
    seeds = len(results["seeds"])
    figure.suptitle(results["question"], fontsize=10, wrap=True)
    figure.supxlabel(f"mean of {seeds} training seeds; dots: the seeds", fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replace_when_done(path) as temporary:
        figure.savefig(temporary, dpi=130, format="png")
    plt.close(figure)


def figures() -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Name of a result file -> titles of its rows, titles of its panels."""
    drawn = {
        experiment.name: (
            {name: row.title for name, row in experiment.rows.items()},
            FEW_LABELS,
        )
        for experiment in (up_reid_synthetic.EXPERIMENT, personvit_synthetic.EXPERIMENT)
    }
    rows = {name: row.title for name, row in mmgl_synthetic.ROWS.items()}
    drawn["mmgl_synthetic"] = rows, CROSS_MODALITY
    drawn["person_search_methods"] = person_search_methods.TITLES, HEADS
    for question, asked in spnet_claims.QUESTIONS.items():
        panels = {m: asked.metrics[m] for m in PANELS if m in asked.metrics}
        drawn[f"spnet_{question}"] = asked.titles, panels
    return drawn


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=ROOT / "results")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    args = parser.parse_args(arguments)
    for name, (titles, panels) in figures().items():
        file = args.results / f"{name}.json"
        if not file.exists():  # not run yet
            continue
        results = json.loads(file.read_text())
        if not set(panels) <= results["rows"][0].keys():
            continue  # run before features were probed
        path = args.out / f"{name}.png"
        draw_bars(results, titles, panels, path)
        print(path)


if __name__ == "__main__":
    with one_line_errors():
        main()
