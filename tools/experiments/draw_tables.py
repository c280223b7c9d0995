"""Draw the tables of README files from the result files in results/.

    python tools/experiments/draw_tables.py          # rewrite
    python tools/experiments/draw_tables.py --check  # fail when a table is out of date

A table stands between ``<!-- NAME -->`` and ``<!-- /NAME -->`` and is drawn from
``results/FILE.json``; nothing in it is typed.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import mmgl_synthetic  # noqa: E402
import person_search_methods  # noqa: E402
import personvit_synthetic  # noqa: E402
import reid_synthetic  # noqa: E402
import spcl_synthetic  # noqa: E402
import spnet_claims  # noqa: E402
import up_reid_synthetic  # noqa: E402

from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import one_line_errors

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = {
    "mAP": "search mAP",
    "top1": "top-1",
    "det_ap": "detection AP",
    "det_recall": "detection recall",
}
TITLES = {
    "colour_histogram": "colour histogram on ground-truth boxes",
    "spnet_scratch": "SPNet from scratch",
    "spnet_qc_pretrained": "SPNet after query-centric pre-training",
}


def cell(row: dict, metric: str) -> str:
    """One value, or mean and spread over the seeds."""
    if len(row[metric]) == 1:
        return f"{row['mean'][metric]:.3f}"
    return f"{row['mean'][metric]:.3f} ± {row['std'][metric]:.3f}"


def draw(results: dict) -> str:
    """Markdown of one result file.

    Args:
        results: ``rows`` (``name``, a list of values per metric, ``mean``, ``std``),
            ``seeds``, ``command``, ``commit``, ``machine``, ``minutes``.

    Returns:
        The table and where it was run.
    """
    lines = [
        "| method | " + " | ".join(COLUMNS.values()) + " |",
        "|---|" + "---:|" * len(COLUMNS),
    ]
    for row in results["rows"]:
        values = " | ".join(cell(row, metric) for metric in COLUMNS)
        lines.append(f"| {TITLES[row['name']]} | {values} |")
    seeds = ", ".join(str(seed) for seed in results["seeds"])
    trained = f"training seeds {seeds}: mean ± standard deviation"
    if len(results["seeds"]) == 1:
        trained = f"one training seed ({seeds})"
    lines += [
        "",
        f"People never seen in training; {trained}. `{results['command']}` at commit "
        f"`{results['commit']}`, {results['minutes']:.0f} minutes on "
        f"{results['machine']}.",
    ]
    return "\n".join(lines)


# questions on budgets have a page of their own
SPNET_PAGES = dict.fromkeys(("few_labels", "long_finetuning"), "docs/spnet_budgets.md")
# marker -> file of the page, file of the results, how they are drawn
TABLES = {
    "quickstart-results": ("README.md", "spnet_quickstart.json", draw),
    "personvit-synthetic": (
        "configs/personvit/README.md",
        "personvit_synthetic.json",
        personvit_synthetic.EXPERIMENT.draw,
    ),
    "mmgl-synthetic": (
        "configs/mmgl/README.md",
        "mmgl_synthetic.json",
        mmgl_synthetic.draw,
    ),
    "person-search-methods": (
        "docs/two_stage.md",
        "person_search_methods.json",
        person_search_methods.draw,
    ),
    "reid-synthetic": (
        "configs/reid/bot/README.md",
        "reid_synthetic.json",
        reid_synthetic.draw,
    ),
    "up-reid-synthetic": (
        "configs/up_reid/README.md",
        "up_reid_synthetic.json",
        up_reid_synthetic.EXPERIMENT.draw,
    ),
    "spcl-synthetic": (
        "configs/spcl/README.md",
        "spcl_synthetic.json",
        spcl_synthetic.draw,
    ),
    **{
        f"spnet-{question}": (
            SPNET_PAGES.get(question, "docs/spnet_in_miniature.md"),
            f"spnet_{question}.json",
            spnet_claims.draw,
        )
        for question in spnet_claims.QUESTIONS
    },
}


def replace_block(text: str, marker: str, content: str) -> str:
    """Put content between a marker's two comments."""
    start, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    before, rest = text.split(start)
    _, after = rest.split(end)
    return f"{before}{start}\n{content}\n{end}{after}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    args = parser.parse_args()
    stale = []
    for marker, (page, file, drawn) in TABLES.items():
        path, source = ROOT / page, ROOT / "results" / file
        if not source.exists():  # not run yet
            continue
        text = path.read_text(encoding="utf-8")
        results = json.loads(source.read_text())
        new = replace_block(text, marker, drawn(results))
        if new == text:
            continue
        stale.append(page)
        if not args.check:
            with replace_when_done(path) as temporary:
                temporary.write_text(new, encoding="utf-8")
    for page in stale:
        print(f"{page}: {'out of date' if args.check else 'rewritten'}")
    return 1 if args.check and stale else 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
