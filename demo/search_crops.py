#!/usr/bin/env python
"""Which of these crops show the same person? Rank pictures of one person each.

python demo/search_crops.py --config CONFIG.py --checkpoint WEIGHTS.pth \\
    --query person.jpg --gallery crops/ --out ranked/

Where file names begin with the person's number, as Market-1501's do, give
--id-pattern '^(-?\\d+)_': right matches get a green frame, wrong ones a red one.

A model with a stem for RGB and one for infrared pictures must know which they are:
--query-modality ir --gallery-modality rgb
"""

import argparse
import os
import re
import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mmpsearch.apis import InputError, ReadingReport, ReIDInferencer, save_crop_report
from mmpsearch.apis.crop_ranking import CropRanking, EmbeddedCrops
from mmpsearch.structures.reid_sample import MODALITIES
from mmpsearch.utils.command_line import USER_ERRORS
from mmpsearch.utils.number_ranges import a_count, a_similarity


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--config", required=True, help="config file of the model; it is code")
    add("--checkpoint", help="its weights; without, they are random")
    add("--query", nargs="+", required=True, help="pictures of who is looked for")
    add("--gallery", nargs="+", required=True, help="folders and pictures")
    for side in ("query", "gallery"):
        words = f"what the {side} pictures are; models with two stems need it"
        add(f"--{side}-modality", choices=MODALITIES, help=words)
    add("--out", default="ranked", help="folder for pictures and ranked.html")
    add("--top-k", type=a_count, default=12)
    add(
        "--threshold",
        type=a_similarity,
        help="similarity from which it is the same person",
    )
    add("--id-pattern", help="regular expression; its group is the person's number")
    add("--device", help="cpu, cuda, …; default: the GPU when there is one")
    add("--batch-size", type=a_count, default=32)
    add("--half", action="store_true", help="half precision")
    add("--unsafe-load", action="store_true", help="unpickle any checkpoint")
    return parser.parse_args(arguments)


def read_ids(crops: EmbeddedCrops, pattern: str | None) -> list[int] | None:
    """Person numbers from file names.

    Raises:
        InputError: The pattern is wrong, or does not fit a name.
    """
    if pattern is None:
        return None
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise InputError(f"--id-pattern {pattern!r}: {error}") from None
    ids = []
    for image in crops.images:
        match = compiled.search(os.path.basename(image.path))
        try:
            ids.append(int(match[1]))
        except (TypeError, IndexError, ValueError):
            raise InputError(
                f"--id-pattern {pattern!r} gives no number for {image.path}"
            ) from None
    return ids


def ranking_table(ranking: CropRanking) -> Table:
    """One query's matches for the terminal."""
    table = Table(title=escape(f"{ranking.query.path}: {ranking}"))
    for column in ("rank", "similarity", "correct"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("picture", overflow="fold")
    words = {None: "", True: "yes", False: "no"}
    for match in ranking.matches:
        table.add_row(
            str(match.rank),
            f"{match.similarity:.3f}",
            words[match.correct],
            escape(match.image.path),
        )
    return table


def search(args: argparse.Namespace, console: Console) -> None:
    """Embed, rank, and write the report."""
    inferencer = ReIDInferencer(
        args.config,
        args.checkpoint,
        device=args.device,
        batch_size=args.batch_size,
        half=args.half,
        unsafe_load=args.unsafe_load,
    )
    query = inferencer.embed(args.query, modality=args.query_modality)
    report = ReadingReport()
    gallery = inferencer.embed(
        args.gallery, report=report, modality=args.gallery_modality
    )
    console.print(str(report), markup=False, highlight=False, soft_wrap=True)
    rankings = inferencer.rank(
        query,
        gallery,
        args.top_k,
        args.threshold,
        read_ids(query, args.id_pattern),
        read_ids(gallery, args.id_pattern),
    )
    for ranking in rankings:
        console.print(ranking_table(ranking))
    for path in save_crop_report(args.out, rankings, "Ranked crops"):
        console.print(str(path), markup=False, highlight=False, soft_wrap=True)


def main(arguments: list[str] | None = None) -> int:
    args = parse_args(arguments)
    try:
        search(args, Console())
    except USER_ERRORS as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
