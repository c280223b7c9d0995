"""How much better than colours does a small BoT re-identify people it never saw?

    python tools/experiments/reid_synthetic.py --jobs 2
    python tools/experiments/draw_tables.py

Renders the benchmark, trains and tests configs/reid/bot/bot_r18_synth.py with several
training seeds, evaluates colour histograms and chance on the same crops, and writes
results/reid_synthetic.json. Finished steps are not repeated. About 4 minutes per seed.
"""

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import training_runs as runs  # noqa: E402

from mmpsearch.utils.command_line import one_line_errors

CONFIG = "configs/reid/bot/bot_r18_synth.py"
DATA = "data/synthetic/market1501"
METRICS = {"mAP": "mAP", "rank1": "rank-1", "mINP": "mINP"}


def run_seed(root: Path, seed: int, options: list[str]) -> dict[str, float]:
    """Train and test with one seed; the test's metrics."""
    folder = root / f"seed{seed}"
    options = [f"randomness.seed={seed}", *options]
    runs.train(CONFIG, folder, *options)
    runs.test(CONFIG, folder, *options)
    return runs.test_metrics(folder, list(METRICS))


def baselines(root: Path) -> tuple[dict, dict]:
    """The best hand-made method, and chance; neither has a seed."""
    out = root / "colour_histogram.json"
    script = "tools/analysis_tools/colour_histogram.py"
    runs.run_once(root, "colour_histogram", script, CONFIG, "--out", str(out))
    rows = json.loads(out.read_text())["rows"]
    chance = next(row for row in rows if row["name"] == "chance")
    best = max((row for row in rows if row is not chance), key=lambda row: row["mAP"])
    return best, chance


def draw(results: dict) -> str:
    """Markdown of the result file, with the margin over the best baseline.

    Args:
        results: what :func:`main` writes.
    """
    rows = {row["name"]: row for row in results["rows"]}
    baseline, model = rows["colour_histogram"], rows["bot_r18"]
    seeds = ", ".join(str(seed) for seed in results["seeds"])
    lines = [
        "| | " + " | ".join(METRICS.values()) + " |",
        "|---|" + "---:|" * len(METRICS),
    ]

    def line(title: str, cell) -> None:
        cells = " | ".join(cell(metric) for metric in METRICS)
        lines.append(f"| {title} | {cells} |")

    line("chance", lambda m: f"{rows['chance']['mean'][m]:.3f}")
    title = f"without learning: {baseline['variant']}, the best of several"
    line(title, lambda m: f"{baseline['mean'][m]:.3f}")
    line(f"BoT, seeds {seeds}", lambda m: ", ".join(f"{v:.3f}" for v in model[m]))
    line("BoT, mean (std)", lambda m: f"{model['mean'][m]:.3f} ({model['std'][m]:.3f})")
    margins = {m: model["mean"][m] - baseline["mean"][m] for m in METRICS}
    line("margin over what needs no learning", lambda m: f"{margins[m]:+.3f}")
    lines += [
        "",
        f"`{results['command']}` at commit `{results['commit']}`; training and testing "
        f"took {results['minutes']:.1f} minutes, summed over the seeds, on "
        f"{results['machine']}.",
    ]
    return "\n".join(lines)


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=1, help="seeds at a time")
    parser.add_argument("--work-dir", type=Path, default="work_dirs/reid_synthetic")
    parser.add_argument("--out", type=Path, default="results/reid_synthetic.json")
    parser.add_argument(
        "--cfg-options", nargs="+", default=[], help="of training and testing"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    args = parse_args(arguments)
    root = args.work_dir.resolve()
    render = "tools/dataset_tools/make_synthetic.py"
    runs.run_once(root, "render", render, "--layout", "market1501", "--out", DATA)
    best, chance = baselines(root)
    with ThreadPoolExecutor(args.jobs) as pool:
        tested = list(
            pool.map(lambda seed: run_seed(root, seed, args.cfg_options), args.seeds)
        )
    steps = runs.steps_of(*(root / f"seed{seed}" for seed in args.seeds))
    given = sys.argv[1:] if arguments is None else arguments
    result = {
        "question": "How much better than hand-made features does a small BoT, trained "
        "on rendered crops, re-identify people it never saw?",
        "rows": [
            runs.summarise("chance", [chance], METRICS),
            runs.summarise("colour_histogram", [best], METRICS, variant=best["name"]),
            runs.summarise("bot_r18", tested, METRICS),
        ],
        **runs.provenance(
            args.seeds, ["tools/experiments/reid_synthetic.py", *given], steps
        ),
    }
    runs.write_results(args.out, result)
    print(draw(result))


if __name__ == "__main__":
    with one_line_errors():
        main()
