"""Where a model errs: search results by height, camera pair, and any column of yours.

    python tools/test.py CONFIG CHECKPOINT --cfg-options test_evaluator.dump=outputs.npz
    python tools/analysis_tools/error_slices.py CONFIG outputs.npz --columns people.csv

The table (``.csv``) has a column ``person_id`` or ``image`` (a file name of the test
set) and any others: what you know of a person, or of the light, the weather, the place.
Each of their values is a row of the result, with the number of its queries and the
standard error of top-1. Context matching and scene filters of the config do not apply.
"""

import argparse
import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from mmpsearch.apis.config_kinds import build_search_set
from mmpsearch.errors import InputError
from mmpsearch.evaluation.functional import person_search_metrics
from mmpsearch.evaluation.functional.slices import (
    GalleryOfCamera,
    height_labels,
    slice_row,
    slice_rows,
)
from mmpsearch.evaluation.metrics.search_outputs import SearchOutputs
from mmpsearch.evaluation.metrics.search_settings import search_settings
from mmpsearch.structures import SearchProtocol
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import load_config, one_line_errors, output_file
from mmpsearch.utils.config_options import add_options_argument

KEYS = ("person_id", "image")
Rows = dict[str, dict[str, float]]


def read_columns(path: Path, protocol: SearchProtocol) -> dict[str, list[str]]:
    """Column -> its value for each query, empty where the table says nothing.

    Raises:
        InputError: the table has no key, no other column, or no row of the test set.
    """
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    names = list(rows[0]) if rows else []
    key = next((name for name in KEYS if name in names), None)
    columns = [name for name in names if name and name not in KEYS]
    if key is None or not columns:
        raise InputError(
            f"{path}: needs a column {' or '.join(KEYS)} and at least one other, "
            f"has {names}"
        )
    table = {str(row[key]).strip(): row for row in rows}
    if key == "image":
        wanted = [protocol.image_keys[image] for image in protocol.query_images]
    else:
        wanted = [str(person) for person in protocol.query_person_ids]
    if not set(wanted) & set(table):
        raise InputError(
            f"{path}: no {key} is one of the queries', such as {wanted[0]!r}"
        )
    return {
        name: [(table.get(value, {}).get(name) or "").strip() for value in wanted]
        for name in columns
    }


def error_slices(
    protocol: SearchProtocol,
    outputs: SearchOutputs,
    columns: dict[str, list[str]],
    settings: dict[str, Any],
) -> dict[str, Rows]:
    """Heading -> rows: all queries, by height, by camera pair, by each column.

    Args:
        protocol: of the test set.
        outputs: of a model for all its images.
        columns: of ``read_columns``.
        settings: of ``search_settings``.
    """
    outputs = outputs.in_order()
    people = outputs.detections(protocol), outputs.queries(protocol)

    def search(gallery):
        changed = {**settings, "gallery": gallery}
        return person_search_metrics(protocol, *people, **changed)["per_query"]

    gallery = settings["gallery"]
    results = search(gallery)
    slices = {
        "all": {"all": slice_row(results)},
        "height": slice_rows(results, height_labels(protocol.query_boxes)),
        "cameras": {},
    }
    seen_by = protocol.image_cameras[protocol.query_images]
    known = np.unique(protocol.image_cameras[protocol.image_cameras >= 0])
    for camera in known if len(known) > 1 else ():
        found = search(GalleryOfCamera(gallery, protocol.image_cameras, camera))
        rows = slice_rows(found, [f"{query} in {camera}" for query in seen_by])
        slices["cameras"].update(rows)
    for name, labels in columns.items():
        slices[name] = slice_rows(results, labels)
    return slices


def draw(slices: dict[str, Rows]) -> Table:
    table = Table("", "queries", "mAP", "top-1", "missed")
    for heading, rows in slices.items():
        table.add_section()
        for name, row in rows.items():
            top1 = f"{row['top1']:.3f} ± {row['error']:.3f}"
            label = name if heading == name else f"{heading}: {name}"
            cells = f"{row['mAP']:.3f}", top1, f"{row['missed']:.3f}"
            table.add_row(label, str(row["queries"]), *cells)
    return table


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="config file with the test set")
    parser.add_argument("outputs", help=".npz file that the test wrote")
    parser.add_argument("--columns", type=Path, help="table of yours (.csv)")
    parser.add_argument("--out", type=output_file(), help="write the rows here (json)")
    add_options_argument(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    config = load_config(args.config, args.cfg_options)
    protocol = build_search_set(config).metainfo["protocol"]
    columns = read_columns(args.columns, protocol) if args.columns else {}
    outputs = SearchOutputs.load(args.outputs)
    settings = search_settings(config.get("test_evaluator"), protocol)
    slices = error_slices(protocol, outputs, columns, settings)
    Console().print(draw(slices))
    if args.out:
        with replace_when_done(args.out) as temporary:
            temporary.write_text(json.dumps(slices, indent=1), encoding="utf-8")


if __name__ == "__main__":
    with one_line_errors():
        main()
