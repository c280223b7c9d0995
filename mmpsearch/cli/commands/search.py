"""Where is this person? Search photographs and videos for the person in a box.

mmpsearch search --model yolox-nano+retail-0287 \\
    --query scene.jpg --box 10 20 80 240 --gallery photos/ --out ranked/

The model is a detector and an embedder (files, or names of `mmpsearch models`), or
one model that does both: --model NAME, or --config with --checkpoint.
"""

import argparse
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

# The package's own imports are where they are used: they take seconds, for which
# nobody who calls another command should wait.


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the query, the gallery, the model and how to search."""
    from mmpsearch.apis.model_arguments import add_model_arguments
    from mmpsearch.apis.source_options import add_source_arguments
    from mmpsearch.gallery.options import add_gallery_arguments, add_search_arguments

    add = parser.add_argument
    add_model_arguments(parser)
    person = parser.add_mutually_exclusive_group(required=True)
    person.add_argument(
        "--query",
        action="append",
        help="scene with the person; needs --box. Both again for further pictures",
    )
    person.add_argument("--crop", nargs="+", help="picture(s) of the person alone")
    add(
        "--box",
        action="append",
        type=float,
        nargs=4,
        metavar=("X1", "Y1", "X2", "Y2"),
        help="of the person, in pixels of the scene",
    )
    add(
        "--query-frame",
        action="append",
        type=int,
        help="where --query is a video: which frame, from 0",
    )
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
    parser.set_defaults(refuse=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Index the gallery, search it, and write the report."""
    _check(arguments)
    import numpy as np
    from rich.console import Console

    from mmpsearch.apis import (
        InputError,
        drawn_people_warning,
        load_from_arguments,
        make_ranked_list,
        print_result,
        read_query,
        save_json,
        save_report,
        scene_filter_of,
        search_person,
        update_gallery,
    )
    from mmpsearch.apis.appearance_report import save_appearances, timeline_bars
    from mmpsearch.apis.person_search import without_query
    from mmpsearch.apis.source_options import source_options
    from mmpsearch.apis.sources.addresses import is_stream
    from mmpsearch.gallery.appearances import find_appearances
    from mmpsearch.gallery.forgetting import note_report
    from mmpsearch.gallery.options import opened_gallery, search_options
    from mmpsearch.utils.terminal import printable

    console = Console()
    inferencer = load_from_arguments(arguments)
    sources = source_options(arguments)
    search_options(arguments)  # refused before any work is done
    pictures = arguments.crop or arguments.query
    nothing = [None] * len(pictures)
    places = zip(
        arguments.box or nothing, arguments.query_frame or nothing, strict=True
    )
    queries = [
        read_query(inferencer, picture, box, frame, arguments.scene_filter)
        for picture, (box, frame) in zip(pictures, places, strict=True)
    ]
    scenes, note = None, ""
    if arguments.scene_filter:
        scenes = scene_filter_of(queries, arguments.scene_threshold)
    with opened_gallery(arguments, write=bool(arguments.gallery)) as index:
        if arguments.gallery:
            if sources["keep_frames"] is None and any(
                map(is_stream, arguments.gallery)
            ):
                sources["keep_frames"] = Path(arguments.out, "frames")
            with _scenes_first(arguments, inferencer, scenes) as counts:
                report = update_gallery(
                    inferencer, index, arguments.gallery, progress=True, **sources
                )
            _tell(console, report)
            if counts is not None:
                note = str(counts)
                _tell(console, note)
        if not index.files:
            raise InputError(
                "the gallery is empty: there is no picture that can be read"
            )
        options = search_options(arguments, index)
        result = search_person(index, queries, scenes=scenes, **options)
        appearances = find_appearances(
            index,
            np.stack([one.embedding for one in queries]),
            arguments.threshold,
            where=without_query(queries, options["where"]),
            combine=arguments.combine,
            shown=result.matches,
            scenes=scenes,
        )
        warning = drawn_people_warning(inferencer, index.files)
        note_report(index, arguments.out)
    if warning:
        print(f"warning: {printable(warning)}", file=sys.stderr)
    print_result(console, result)
    notes = " ".join(filter(None, (note, warning)))
    ranked = make_ranked_list(queries, result, note=notes)
    ranked = replace(ranked, timeline=timeline_bars(appearances))
    plain = [appearance.as_dict() for appearance in appearances]
    for path in (
        *save_report(arguments.out, ranked),
        save_json(arguments.out, queries, result, plain),
        save_appearances(arguments.out, appearances),
    ):
        _tell(console, path)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """Leave where arguments do not fit together."""
    from mmpsearch.gallery.options import gallery_exists

    queries = len(arguments.query or ())
    if queries != len(arguments.box or ()):
        arguments.refuse("--query and --box belong together; a crop is given by --crop")
    if arguments.query_frame is not None and queries != len(arguments.query_frame):
        arguments.refuse(
            "--query-frame is the number of a frame of each --query, from 0"
        )
    if not arguments.gallery and not gallery_exists(arguments.index):
        arguments.refuse("give --gallery, or --index with a gallery that exists")
    if arguments.batch_size < 1:
        arguments.refuse("--batch-size must be at least 1")
    if arguments.scene_threshold is not None and not arguments.scene_filter:
        arguments.refuse("--scene-threshold belongs to --scene-filter")
    if arguments.scene_first:
        if arguments.scene_threshold is None:
            arguments.refuse("--scene-first needs --scene-threshold")
        if arguments.index or arguments.tracks or arguments.camera:
            arguments.refuse(
                "--scene-first finds people for one search alone: leave it out with "
                "--index, --tracks or --camera"
            )


def _scenes_first(arguments, inferencer, scenes) -> AbstractContextManager:
    """Within it people are looked for where they can be, if that was asked for."""
    if not arguments.scene_first:
        return nullcontext()
    return inferencer.only_scenes(scenes, arguments.combine == "mean")


def _tell(console, what: object) -> None:
    """Print words as they are, in one line each."""
    from mmpsearch.utils.terminal import printable

    text = printable(str(what))
    console.print(text, markup=False, highlight=False, soft_wrap=True)
