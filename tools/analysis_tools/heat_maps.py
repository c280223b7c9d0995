"""Draw which places of a crop make a convolutional network's embedding (Grad-CAM).

    python tools/analysis_tools/heat_maps.py CONFIG CHECKPOINT crops/ --out maps/
    python tools/analysis_tools/heat_maps.py CONFIG CHECKPOINT crops/ --out maps/ \\
        --query query.jpg

A file per picture: the picture and the map over it. With --query the map shows where a
picture is like the query, without it where its own embedding comes from. Pictures that
cannot be read are named and left out. Needs `pip install 'mmpsearch[heatmaps]'`; of
transformers, attention_maps.py.
"""

import argparse
import sys
from itertools import islice
from pathlib import Path

import cv2

from mmpsearch.apis import InputError, ReadingReport, ReIDInferencer
from mmpsearch.apis.heat_maps import fit_map, heat_maps
from mmpsearch.apis.image_sources import iter_images, read_one
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import one_line_errors, output_folder
from mmpsearch.visualization.attention import draw_heat

BATCH = 16
NOTHING = "a map of zeros, no place of it speaks for the embedding looked for"


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="of a re-identification model, or its name")
    parser.add_argument("checkpoint", help="its weights")
    parser.add_argument("pictures", nargs="+", help="folders or pictures of one person")
    parser.add_argument(
        "--out", type=output_folder, required=True, help="folder for the pictures"
    )
    parser.add_argument("--query", help="picture of who is looked for")
    parser.add_argument("--modality", choices=["rgb", "ir"], help="of the pictures")
    parser.add_argument("--query-modality", choices=["rgb", "ir"], help="of the query")
    parser.add_argument("--number", type=int, default=20, help="of pictures [20]")
    parser.add_argument("--device", help="[the GPU when there is one]")
    return parser.parse_args()


def main() -> int:
    args = parse_args()
    inferencer = ReIDInferencer(args.config, args.checkpoint, device=args.device)
    query = read_one(args.query) if args.query else None
    report, names = ReadingReport(), {}
    stream = iter_images(args.pictures, on_error=report.unreadable.append)
    stream = islice(stream, args.number)
    while batch := list(islice(stream, BATCH)):
        maps = heat_maps(inferencer, batch, query, args.modality, args.query_modality)
        for image, values in zip(batch, maps, strict=True):
            stem = Path(image.path).stem
            names[stem] = names.get(stem, 0) + 1
            again = f"_{names[stem]}" if names[stem] > 1 else ""
            path = args.out / f"{stem}{again}.png"
            with replace_when_done(path) as temporary:
                drawn = draw_heat(image.pixels, fit_map(values, image.pixels))
                cv2.imwrite(str(temporary), drawn)
            print(f"wrote {path}" + ("" if values.any() else f": {NOTHING}"))
    if not names:
        raise InputError("no picture that can be read")
    if report.unreadable:
        print(report, file=sys.stderr)
    return 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
