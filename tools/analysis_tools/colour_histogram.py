"""How far colour alone gets: the baseline every trained model has to beat.

    python tools/analysis_tools/colour_histogram.py configs/spnet/<config>.py

Embeds the ground-truth boxes of a config's test set by HSV histograms (whole box,
three and six stripes; raw and grey-world colours), evaluates person search, and
prints a table, best variant first. For a re-identification config it embeds the test
crops instead, adds the layout of light and dark, and shows chance.
"""

import argparse
import json
import time

import numpy as np
from mmengine.registry import init_default_scope
from rich.console import Console
from rich.table import Table

from mmpsearch.errors import ConfigError
from mmpsearch.evaluation.baselines import (
    evaluate_colour_histograms,
    evaluate_crop_baselines,
)
from mmpsearch.registry import DATASETS
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.check_config import require_section
from mmpsearch.utils.command_line import load_config, one_line_errors, output_file
from mmpsearch.utils.config_options import add_options_argument

COLUMNS = ("mAP", "top1", "top5", "top10")
CROP_COLUMNS = ("mAP", "mINP", "rank1", "rank5", "rank10")


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="config file with a test_dataloader")
    parser.add_argument(
        "--out", type=output_file(), help="write the rows to this JSON file"
    )
    parser.add_argument(
        "--workers", type=int, default=0, help="processes that read images"
    )
    add_options_argument(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    config = load_config(args.config, args.cfg_options)
    loader = require_section(config, "test_dataloader")
    init_default_scope(config.get("default_scope", "mmpsearch"))
    dataset = DATASETS.build(loader.dataset)
    dataset.full_init()
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    paths = [info["img_path"] for info in infos]
    start = time.perf_counter()
    if "protocol" in dataset.metainfo:
        protocol = dataset.metainfo["protocol"]
        rows = evaluate_colour_histograms(protocol, paths, workers=args.workers)
        name, what, columns = protocol.name, "ground-truth boxes", COLUMNS
    elif any(info.get("is_query") for info in infos):
        keys = ("person_id", "camera_id", "is_query")
        labels = [np.array([info[key] for info in infos]) for key in keys]
        rows = evaluate_crop_baselines(paths, *labels, workers=args.workers)
        name, what, columns = dataset.metainfo["name"], "crops", CROP_COLUMNS
    else:
        raise ConfigError(
            f"config {args.config}: its test set has no search protocol and no queries"
        )
    seconds = time.perf_counter() - start

    table = Table(title=f"Colour histograms on {name}, {what}")
    table.add_column("variant")
    for column in columns:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(row["name"], *(f"{row[column]:.4f}" for column in columns))
    console = Console()
    console.print(table)
    console.print(f"best: {rows[0]['name']}, mAP {rows[0]['mAP']:.4f}")
    if args.out:
        record = {
            "config": args.config,
            "protocol": name,
            "seconds": round(seconds, 2),
            "best": rows[0],
            "rows": rows,
        }
        with replace_when_done(args.out) as temporary:
            temporary.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    with one_line_errors():
        main()
