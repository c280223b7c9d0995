#!/usr/bin/env python
"""One picture through a person-search model: PyTorch and its exported files.

    python tools/benchmarks/export_speed.py --model spnet-tiny --picture scene.jpg
    python tools/benchmarks/export_speed.py \\
        --config configs/spnet/spnet-s_convnext-t_oc-finetune_prw.py
    python tools/benchmarks/export_speed.py --model spnet-tiny --picture scene.jpg \\
        --calibration photos/                        # eight bits as well

Every engine detects and embeds from pixels in memory, resizing included, in turns in
one process with as many threads as PyTorch has. ``ours`` is ONNX Runtime or OpenVINO
in fp32, whichever needs fewer CPU seconds; ``baseline`` is PyTorch with this project's
speed-ups for CPUs. ``rows`` has all of them, with the ratios to both baselines,
speed-ups on and off, and the largest difference of boxes and least similarity of the
same person to the baseline's. ``equal``: all in fp32 found as many people, boxes within
half a pixel, similarities above 0.999. Without --checkpoint weights are
random, and SPNet's anchor embeddings are scaled so that it detects as many as it can.
"""

import argparse
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from common import Measurement, measure, report
from mmengine.config import Config
from spnet_speed import spread_anchor_embeddings

from mmpsearch.apis import (
    Detections,
    ExportedSearchInferencer,
    PersonSearchInferencer,
    SceneInferencer,
    read_image,
)
from mmpsearch.apis.export import calibration_pictures, export_search
from mmpsearch.apis.model_loading import build_model
from mmpsearch.apis.named_models import from_catalogue
from mmpsearch.models.person_search.spnet.network import SPNetwork
from mmpsearch.ops.cpu import SWITCH
from mmpsearch.structures import PersonSearchSample
from mmpsearch.utils.command_line import one_line_errors
from mmpsearch.utils.number_ranges import a_count, a_score

FP32 = ("onnx", "openvino")


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--model", default="spnet-tiny", help="name, in place of --config (spnet-tiny)")
    add("--config", help="of a person-search model")
    add("--checkpoint", help="its weights; without, they are random")
    add("--picture", help="(noise, 900 x 1500)")
    add("--calibration", nargs="+", help="pictures for int8; without, it is left out")
    add("--score-threshold", type=a_score, default=0.5)
    add("--repeats", type=a_count, default=5)
    add("--threads", type=a_count, help="of every engine")
    return parser.parse_args()


def random_weights(config: str, folder: Path) -> Path:
    """A checkpoint of random weights that finds people."""
    torch.manual_seed(0)
    model = build_model(Config.fromfile(config), None, 0.5)
    if isinstance(model, SPNetwork):
        picture = torch.randint(0, 256, (3, 384, 640), dtype=torch.uint8)
        sample = PersonSearchSample(metainfo=dict(img_shape=(384, 640)))
        batch = {"inputs": [picture], "data_samples": [sample]}
        spread_anchor_embeddings(model, batch)
    path = folder / "random.pth"
    torch.save({"state_dict": model.state_dict()}, path)
    return path


def in_pytorch(
    config: str, checkpoint: str | Path, threshold: float, speed_ups: bool
) -> SceneInferencer:
    before = os.environ.get(SWITCH)
    os.environ[SWITCH] = str(int(speed_ups))
    try:
        return PersonSearchInferencer(
            config, checkpoint, "cpu", score_threshold=threshold
        )
    finally:
        os.environ.pop(SWITCH)
        if before is not None:
            os.environ[SWITCH] = before


def differences(one: Detections, other: Detections) -> dict[str, float]:
    """How far apart the same people are, whatever their order (of equal scores)."""
    apart = np.abs(one.boxes[:, None] - other.boxes[None]).max(axis=2)
    nearest = apart.argmin(axis=1)
    alike = (one.embeddings * other.embeddings[nearest]).sum(axis=1)
    return {
        "boxes_px": float(apart.min(axis=1).max()),
        "similarity": float(alike.min()),
    }


def same_people(one: Detections, other: Detections) -> bool:
    if len(one) != len(other) or not len(one):
        return len(one) == len(other)
    found = differences(one, other)
    return found["boxes_px"] < 0.5 and found["similarity"] > 0.999


def rows_of(runs: dict[str, Measurement]) -> list[dict]:
    fast, plain = runs["pytorch"], runs["pytorch_plain"]
    return [
        {
            "engine": name,
            "seconds": round(run.median, 4),
            "cpu_seconds": round(run.cpu_median, 4),
            "ratio": round(fast.median / run.median, 2),
            "ratio_to_plain": round(plain.median / run.median, 2),
            "cpu_ratio": round(fast.cpu_median / run.cpu_median, 2),
            "cpu_ratio_to_plain": round(plain.cpu_median / run.cpu_median, 2),
            "people": len(run.result),
            **(
                differences(fast.result, run.result)
                if len(run.result) and len(fast.result)
                else {}
            ),
        }
        for name, run in runs.items()
    ]


def main() -> None:
    args = parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    if args.picture:
        picture = read_image(args.picture)
    else:
        picture = np.random.default_rng(0).integers(0, 255, (900, 1500, 3), np.uint8)
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # weights are random: said above
        folder = Path(name)
        config, checkpoint = args.config, args.checkpoint
        if config is None:
            config, checkpoint = from_catalogue(args.model, None)
        checkpoint = checkpoint or random_weights(config, folder)
        files = {"onnx": (".onnx", "fp32"), "openvino": (".xml", "fp32")}
        calibration = calibration_pictures(args.calibration, 100)
        if calibration:
            files["openvino_int8"] = (".xml", "int8")
        engines = {
            "pytorch": in_pytorch(config, checkpoint, args.score_threshold, True),
            "pytorch_plain": in_pytorch(
                config, checkpoint, args.score_threshold, False
            ),
        }
        for engine, (suffix, precision) in files.items():
            path = folder / f"{engine}{suffix}"
            export_search(config, checkpoint, path, precision, calibration)
            engines[engine] = ExportedSearchInferencer(
                path, score_threshold=args.score_threshold
            )
        runs = measure(
            {
                name: lambda engine=engine: engine.detect(picture)[0]
                for name, engine in engines.items()
            },
            args.repeats,
        )
    ours = min(FP32, key=lambda name: runs[name].cpu_median)
    report(
        "export_speed",
        runs[ours],
        runs["pytorch"],
        equal=all(
            same_people(runs["pytorch"].result, runs[name].result) for name in FP32
        ),
        ours_is=ours,
        baseline_is="PyTorch with the speed-ups for CPUs",
        model=args.model if args.config is None else Path(args.config).name,
        size=list(picture.shape[:2]),
        threads=torch.get_num_threads(),
        rows=rows_of(runs),
    )


if __name__ == "__main__":
    with one_line_errors():
        main()
