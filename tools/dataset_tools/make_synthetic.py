"""Render a synthetic data set in an official layout.

Example::

    python tools/dataset_tools/make_synthetic.py --layout prw --out data/synthetic/prw
    python tools/dataset_tools/make_synthetic.py --layout market1501 \\
        --out data/synthetic/market1501

The same options give the same bytes, whatever the number of workers. An interrupted
run is completed by the same command; a folder made with other options is refused.
"""

from __future__ import annotations

import argparse
import os
import sys

from mmpsearch.datasets.synthetic import (
    CROP_LAYOUTS,
    LAYOUTS,
    ProgressLine,
    make_crop_options,
    make_options,
    make_synthetic,
    make_synthetic_crops,
)
from mmpsearch.utils.command_line import one_line_errors

SCENES_ONLY = (
    "scenes",
    "gallery_scenes",
    "query_scenes",
    "unlabelled_fraction",
    "harder",
)
SEARCH_ONLY = (  # not for coco
    "identities",
    "test_identities",
    "gallery_scenes",
    "query_scenes",
    "queries",
)
CROPS_ONLY = ("crops_per_identity", "distractors", "junk")


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Command line; options that are not given keep the layout's default."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--layout", required=True, choices=(*LAYOUTS, *CROP_LAYOUTS))
    add("--out", required=True, help="folder of the data set")
    add("--seed", type=int, help="seed of people, cameras and scenes [0]")
    add("--scenes", type=int, help="training pictures [1000]")
    add("--identities", type=int, help="people with an id in training [150]")
    add("--test-identities", type=int, help="other people, for testing [60]")
    add("--gallery-scenes", type=int, help="test pictures [150]")
    add("--query-scenes", type=int, help="further test pictures with queries [60]")
    add("--queries", type=int, help="limit of the number of queries [none]")
    add("--cameras", type=int, help="[prw 6, cuhk_sysu 24, coco 12]")
    add("--first-camera", type=int, help="number of the first camera [0, coco 100]")
    add("--size", type=_size, help="WIDTHxHEIGHT [336x224, crops 48x96]")
    add("--unlabelled-fraction", type=float, help="scenes with strangers [0.4]")
    add(
        "--harder",
        action="store_true",
        default=None,
        help="scenes of 854x480 with up to 15 people of 25 to 300 pixels, crowds, "
        "look-alikes, cameras at night",
    )
    add(
        "--published-size",
        action="store_true",
        help="the true numbers of pictures, identities and queries of the layout",
    )
    crops = parser.add_argument_group("layouts of crops (re-identification)")
    crops.add_argument(
        "--crops-per-identity", type=int, help="pictures of every person [8]"
    )
    crops.add_argument(
        "--distractors", type=int, help="gallery pictures of nobody searched"
    )
    crops.add_argument("--junk", type=int, help="gallery files that do not count")
    add("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    return parser.parse_args(argv)


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = map(int, text.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT") from None
    return width, height


def main(argv: list[str] | None = None) -> None:
    """Render, write the annotations, say what was written."""
    given = vars(parse_args(argv))
    out, workers = given.pop("out"), given.pop("workers")
    given["width"], given["height"] = given.pop("size") or (None, None)
    is_crops = given["layout"] in CROP_LAYOUTS
    try:
        for key in CROPS_ONLY if not is_crops else SCENES_ONLY:
            if given.pop(key) is not None:
                kind = "scenes" if key in SCENES_ONLY else "crops"
                raise ValueError(
                    f"--{key.replace('_', '-')} is for layouts of {kind}, not for "
                    f"{given['layout']}"
                )
        for key in SEARCH_ONLY if given["layout"] == "coco" else ():
            if given[key] is not None:
                raise ValueError(
                    f"--{key.replace('_', '-')} is for layouts with identities and a "
                    "test set, not for coco"
                )
        options = (make_crop_options if is_crops else make_options)(**given)
        make = make_synthetic_crops if is_crops else make_synthetic
        with ProgressLine(f"rendering {options.layout}") as progress:
            counts = make(options, out, workers, progress)
    except (ValueError, OSError) as error:
        sys.exit(f"make_synthetic: {error}")
    summary = ", ".join(f"{count} {name}" for name, count in counts.items())
    print(f"{out}: {summary}")


if __name__ == "__main__":
    with one_line_errors():
        main()
