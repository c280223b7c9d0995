#!/usr/bin/env python
"""Where is this person? Search photographs and videos for the person in a box.

python demo/search_person.py --detector D.onnx --embedder E.xml \\
    --query scene.jpg --box 10 20 80 240 --gallery photos/ --out ranked/

The model is a detector and an embedder (files, or names of `mmpsearch models`), or
one model that does both: --model NAME, or --config with --checkpoint.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console

from mmpsearch.apis import (
    InputError,
    add_model_arguments,
    drawn_people_warning,
    load_from_arguments,
    make_ranked_list,
    read_query,
    result_table,
    save_json,
    save_report,
    search_person,
    update_gallery,
)
from mmpsearch.apis.appearance_report import save_appearances, timeline_bars
from mmpsearch.apis.person_search import without_query
from mmpsearch.apis.source_options import add_source_arguments, source_options
from mmpsearch.apis.sources.addresses import is_stream
from mmpsearch.gallery.appearances import find_appearances
from mmpsearch.gallery.forgetting import note_report
from mmpsearch.gallery.options import (
    add_gallery_arguments,
    add_search_arguments,
    gallery_exists,
    opened_gallery,
    search_options,
)
from mmpsearch.utils.command_line import USER_ERRORS
from mmpsearch.utils.terminal import printable


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add_model_arguments(parser)
    person = parser.add_mutually_exclusive_group(required=True)
    person.add_argument("--query", help="scene with the person; needs --box")
    person.add_argument("--crop", nargs="+", help="picture(s) of the person alone")
    add("--box", type=float, nargs=4, metavar=("X1", "Y1", "X2", "Y2"))
    add("--query-frame", type=int, help="where --query is a video: which frame, from 0")
    add(
        "--gallery",
        nargs="+",
        default=[],
        help="folders, pictures, videos, patterns, addresses of streams, numbers of "
        "webcams, yaml files that list cameras",
    )
    add("--out", default="ranked", help="folder for ranked.jpg, .html and .json")
    add_source_arguments(parser)
    add_gallery_arguments(parser)
    add_search_arguments(parser)
    args = parser.parse_args(arguments)
    if (args.query is None) != (args.box is None):
        parser.error("--query and --box belong together; a crop is given by --crop")
    if args.query_frame is not None and (args.query is None or args.query_frame < 0):
        parser.error("--query-frame is the number of a frame of --query, from 0")
    if not args.gallery and not gallery_exists(args.index):
        parser.error("give --gallery, or --index with a gallery that exists")
    if args.batch_size < 1:
        parser.error("--batch-size must be at least 1")
    return args


def search(args: argparse.Namespace, console: Console) -> None:
    """Index the gallery, search it, and write the report."""
    inferencer = load_from_arguments(args)
    sources = source_options(args)
    search_options(args)  # refused before any work is done
    pictures = args.crop or [args.query]
    queries = [
        read_query(inferencer, picture, args.box, args.query_frame)
        for picture in pictures
    ]
    query = queries[0]
    with opened_gallery(args, write=bool(args.gallery)) as index:
        if args.gallery:
            if sources["keep_frames"] is None and any(map(is_stream, args.gallery)):
                sources["keep_frames"] = Path(args.out, "frames")
            report = update_gallery(
                inferencer, index, args.gallery, progress=True, **sources
            )
            tell(console, report)
        if not index.files:
            raise InputError(
                "the gallery is empty: there is no picture that can be read"
            )
        options = search_options(args, index)
        result = search_person(index, queries, **options)
        appearances = find_appearances(
            index,
            np.stack([one.embedding for one in queries]),
            args.threshold,
            where=without_query(queries, options["where"]),
            combine=args.combine,
            shown=result.matches,
        )
        warning = drawn_people_warning(inferencer, index.files)
        note_report(index, args.out)
    if warning:
        print(f"warning: {printable(warning)}", file=sys.stderr)
    console.print(result_table(result))
    ranked = make_ranked_list(query, result, note=warning)
    ranked = replace(ranked, timeline=timeline_bars(appearances))
    plain = [appearance.as_dict() for appearance in appearances]
    for path in (
        *save_report(args.out, ranked),
        save_json(args.out, query, result, plain),
        save_appearances(args.out, appearances),
    ):
        tell(console, path)


def tell(console: Console, what: object) -> None:
    """Print words as they are, in one line each."""
    text = printable(str(what))
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def main(arguments: list[str] | None = None) -> int:
    args = parse_args(arguments)
    try:
        search(args, Console())
    except USER_ERRORS as error:
        print(f"error: {printable(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
