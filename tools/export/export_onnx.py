"""Export a re-identification model to ONNX or OpenVINO, pre-processing included.

python tools/export/export_onnx.py configs/reid/bot/bot_r50_market1501.py \\
    epoch_120.pth bot.onnx

A name that ends with .xml is written as OpenVINO's (with its weights, .bin). Input
``images``: (N, H, W, 3) uint8 BGR; output ``embeddings``: (N, D), L2-normalised.
The file is run and held against PyTorch. Both kinds search:
demo/search_person.py --embedder bot.onnx.
"""

import argparse
import sys
from pathlib import Path

import torch

from mmpsearch.apis.export import EmbeddingGraph, export_onnx, export_openvino
from mmpsearch.apis.graphs import load_graph
from mmpsearch.errors import ModelLoadError
from mmpsearch.utils.command_line import one_line_errors, output_file

TOLERANCE = 1e-4


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config")
    parser.add_argument("checkpoint")
    parser.add_argument(
        "target", type=output_file(".onnx", ".xml"), help="file to write, .onnx or .xml"
    )
    parser.add_argument(
        "--unsafe-load", action="store_true", help="unpickle any checkpoint"
    )
    return parser.parse_args()


def largest_difference(graph: EmbeddingGraph, path: Path) -> float | None:
    """Between the file and PyTorch, on pictures of another size than traced."""
    try:
        exported = load_graph(path)
    except ModelLoadError as error:  # there is nothing to run it with
        print(error)
        return None
    images = torch.randint(256, (3, 200, 90, 3), dtype=torch.uint8)
    (got,) = exported(images.numpy()).values()
    with torch.no_grad():
        return float((torch.from_numpy(got) - graph(images)).abs().max())


def main() -> int:
    args = parse_args()
    export = export_openvino if args.target.suffix == ".xml" else export_onnx
    graph = export(args.config, args.checkpoint, args.target, args.unsafe_load)
    print(f"wrote {args.target}")
    difference = largest_difference(graph, args.target)
    if difference is None:
        print("not compared with PyTorch")
        return 0
    print(f"largest difference from PyTorch: {difference:.1e}")
    return 0 if difference <= TOLERANCE else 1


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
