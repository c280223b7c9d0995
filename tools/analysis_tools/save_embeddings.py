"""Save embeddings of people: as npy with a csv beside it, or as one Parquet file.

    python tools/analysis_tools/save_embeddings.py photos/ --out people.npy \\
        --detector yolox_nano.onnx --embedder osnet.xml
    python tools/analysis_tools/save_embeddings.py crops/ --crops --out crops.parquet \\
        --embedder configs/reid/bot/bot_r50_market1501.py --embedder-checkpoint R50.pth

Without ``--crops`` everybody in the pictures and videos is found and embedded; with it
every picture shows one person, and only an embedder is needed. Row ``i`` of the array
belongs to line ``i`` of the table: path, time (seconds) and frame in a video, camera,
box in pixels and score. Embeddings have length 1.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from mmpsearch.apis.image_sources import iter_images
from mmpsearch.apis.load_inferencer import load_embedder
from mmpsearch.apis.model_arguments import add_model_arguments, load_from_arguments
from mmpsearch.apis.reading_report import ReadingReport
from mmpsearch.errors import InputError
from mmpsearch.gallery.detections import normalise
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import one_line_errors, output_file

COLUMNS = ("path", "time", "frame", "camera", "x1", "y1", "x2", "y2", "score")
BATCH = 32
Row = tuple[tuple, np.ndarray]  # values of COLUMNS, embedding (D,)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("pictures", nargs="+", help="pictures, videos or folders")
    add(
        "--out",
        type=output_file(".npy", ".parquet"),
        required=True,
        help=".npy (with a .csv of the same name beside it) or .parquet",
    )
    add("--crops", action="store_true", help="every picture shows one person")
    add("--frame-step", type=int, default=1, help="of videos every N-th frame [1]")
    add_model_arguments(parser)
    return parser.parse_args(argv)


def embed_scenes(args: argparse.Namespace, report: ReadingReport) -> Iterator[Row]:
    """Everybody in the pictures."""
    inferencer = load_from_arguments(args)
    stream = inferencer.iter_detect(
        args.pictures, args.frame_step, report, progress=True
    )
    for found in stream:
        time = "" if found.time is None else round(found.time, 3)
        where = (found.path, time, found.frame, found.camera)
        for box, score, embedding in zip(
            found.boxes.tolist(), found.scores.tolist(), found.embeddings, strict=True
        ):
            numbers = (round(float(value), 2) for value in box)
            yield (*where, *numbers, round(score, 4)), embedding


def embed_crops(args: argparse.Namespace, report: ReadingReport) -> Iterator[Row]:
    """Every picture as one person.

    Raises:
        InputError: No embedder was named, or a whole model of scenes was.
    """
    if args.embedder is None or args.detector or args.model or args.config:
        raise InputError("--crops needs --embedder, and no other model")
    embedder = load_embedder(
        args.embedder,
        args.embedder_checkpoint,
        device=args.device,
        half=args.half,
        unsafe_load=args.unsafe_load,
    )
    images = iter_images(args.pictures, args.frame_step, report.unreadable.append)
    while batch := list(islice(images, BATCH)):
        rows = normalise(embedder([image.pixels for image in batch]))
        report.images += len(batch)
        report.people += len(batch)
        for image, embedding in zip(batch, rows, strict=True):
            height, width = image.pixels.shape[:2]
            time = "" if image.time is None else round(image.time, 3)
            where = (image.path, time, image.frame, "")
            yield (*where, 0, 0, width, height, 1), embedding


def save_npy(path: Path, rows: list[tuple], embeddings: np.ndarray) -> None:
    """Write the array, and the table beside it."""
    with replace_when_done(path.with_suffix(".csv")) as temporary:
        with open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)
    with replace_when_done(path) as temporary:
        np.save(temporary, embeddings)


def save_parquet(path: Path, rows: list[tuple], embeddings: np.ndarray) -> None:
    """Write table and embeddings (a list of D floats) as one file."""
    import pyarrow
    from pyarrow import parquet

    kinds = {"path": pyarrow.string(), "camera": pyarrow.string()}
    kinds |= {"frame": pyarrow.int64()}
    columns = {
        name: pyarrow.array(
            [None if value == "" and name == "time" else value for value in values],
            kinds.get(name, pyarrow.float64()),
        )
        for name, values in zip(COLUMNS, zip(*rows, strict=True), strict=True)
    }
    flat = pyarrow.array(embeddings.ravel())
    columns["embedding"] = pyarrow.FixedSizeListArray.from_arrays(
        flat, embeddings.shape[1]
    )
    with replace_when_done(path) as temporary:
        parquet.write_table(pyarrow.table(columns), temporary)


def require_pyarrow() -> None:
    """Refuse Parquet before anything is embedded.

    Raises:
        InputError: pyarrow is not installed.
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise InputError(
            "Parquet needs the package pyarrow: pip install pyarrow; or write .npy"
        ) from error


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors():
        if args.out.suffix == ".parquet":
            require_pyarrow()
        report = ReadingReport()
        embed = embed_crops if args.crops else embed_scenes
        found = list(embed(args, report))
        print(report)
        if not found:
            raise InputError("nobody was found: nothing is written")
        rows = [row for row, _ in found]
        embeddings = np.stack([embedding for _, embedding in found])
        embeddings = embeddings.astype(np.float32)
        save = save_parquet if args.out.suffix == ".parquet" else save_npy
        save(args.out, rows, embeddings)
        count, size = embeddings.shape
        print(f"{args.out}: {count} embeddings of {size} numbers")


if __name__ == "__main__":
    main()
