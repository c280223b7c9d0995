"""Export a person-search model (SPNet, SeqNet, SeqNeXt) to ONNX or OpenVINO.

python tools/export/export_search.py --model spnet-tiny spnet-tiny.onnx
python tools/export/export_search.py --config CONFIG --checkpoint WEIGHTS.pth spnet.xml
python tools/export/export_search.py --model spnet-tiny spnet-int8.xml \\
    --precision int8 --calibration photos/

A name that ends with .xml is written as OpenVINO's (with its weights, .bin). The file
is run and held against PyTorch on pictures of two sizes; in fp32 a larger difference
than 1e-3 ends with status 1. It searches:

    demo/search_person.py --model spnet-tiny.onnx
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

from mmpsearch.apis.export import (
    PRECISIONS,
    SearchGraph,
    calibration_pictures,
    export_search,
)
from mmpsearch.apis.graphs import load_graph
from mmpsearch.errors import ModelLoadError
from mmpsearch.utils.command_line import one_line_errors, output_file
from mmpsearch.utils.number_ranges import a_count

TOLERANCE = 1e-3
SIZES = ((96, 160), (131, 118))


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add(
        "target", type=output_file(".onnx", ".xml"), help="file to write, .onnx or .xml"
    )
    add("--model", metavar="NAME", help="name of a model, in place of the next two")
    add("--config", help="of a person-search model; it is code")
    add("--checkpoint", help="its weights")
    add(
        "--precision",
        choices=PRECISIONS,
        default="fp32",
        help="fp16: weights in half precision; int8: of .xml, needs --calibration",
    )
    add("--calibration", nargs="+", help="pictures such as it will see, for int8")
    add("--pictures", type=a_count, default=100, help="of --calibration, at most [100]")
    add("--unsafe-load", action="store_true", help="unpickle any checkpoint")
    args = parser.parse_args()
    if (args.model is None) == (args.config is None):
        parser.error("give --model, or --config with --checkpoint")
    if args.precision == "int8" and args.calibration is None:
        parser.error("--precision int8 needs --calibration: pictures, or their folder")
    if args.precision != "int8" and args.calibration is not None:
        parser.error("--calibration belongs to --precision int8")
    return args


def largest_difference(graph: SearchGraph, path: Path) -> float | None:
    """Between the file's and PyTorch's embeddings of boxes, over their largest value.

    Boxes that are found are not compared here: of noise they mean nothing.
    """
    try:
        exported = load_graph(path)
    except ModelLoadError as error:  # there is nothing to run it with
        print(error)
        return None
    torch.manual_seed(0)
    differences = []
    for height, width in SIZES:
        picture = torch.randn(1, 3, height, width)
        boxes = torch.tensor([[4.0, 8.0, 44.0, 90.0], [30.0, 5.0, 90.0, 80.0]])
        given = (picture, boxes, torch.ones(1))
        with torch.no_grad():
            want = graph(*given)[3].numpy()
        got = list(exported(*(one.numpy() for one in given)).values())[3]
        differences.append(np.abs(got - want).max() / np.abs(want).max())
    return float(max(differences))


def main() -> int:
    args = parse_args()
    graph = export_search(
        args.model or args.config,
        args.checkpoint,
        args.target,
        args.precision,
        calibration_pictures(args.calibration, args.pictures),
        args.unsafe_load,
    )
    print(f"wrote {args.target}")
    difference = largest_difference(graph, args.target)
    if difference is None:
        print("not compared with PyTorch")
        return 0
    print(f"largest difference of embeddings from PyTorch: {difference:.1e}")
    return 0 if difference <= TOLERANCE or args.precision != "fp32" else 1


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
