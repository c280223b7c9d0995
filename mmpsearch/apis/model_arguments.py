"""The arguments by which every program takes its model."""

from __future__ import annotations

import argparse

from mmpsearch.apis.graphs import BACKENDS
from mmpsearch.apis.load_inferencer import load_inferencer
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.utils.number_ranges import a_count, a_score

FIELDS = (
    "model",
    "config",
    "checkpoint",
    "detector",
    "embedder",
    "detector_checkpoint",
    "embedder_checkpoint",
    "device",
    "batch_size",
    "half",
    "score_threshold",
    "unsafe_load",
    "backend",
)


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--model``, ``--detector``, ``--config`` and what goes with them.

    ``load_from_arguments`` makes the inferencer.
    """
    group = parser.add_argument_group(
        "model",
        "one of --model, --detector with --embedder, --config with --checkpoint",
    )
    add = group.add_argument
    add(
        "--model",
        metavar="NAME",
        help="name of a model, exported model (.onnx, .xml), or DETECTOR+EMBEDDER",
    )
    add(
        "--detector",
        help="finds people: .onnx, .xml, MMDetection config, torchvision:NAME, boxes "
        "(.json, MOT .txt), or a name",
    )
    add("--embedder", help="embeds them: .onnx, .xml, re-ID config, or a name")
    add("--detector-checkpoint", metavar="FILE", help="weights of a detector's config")
    add("--embedder-checkpoint", metavar="FILE", help="weights of an embedder's config")
    add("--config", help="config of an end-to-end model; it is code")
    add("--checkpoint", help="its weights; without, they are random")
    add("--score-threshold", type=a_score, help="smallest score of a person")
    add("--device", help="cpu, cuda, …; default: the GPU when there is one")
    add(
        "--backend",
        choices=BACKENDS,
        help="what runs exported networks; default: ONNX Runtime for .onnx, OpenVINO "
        "for .xml",
    )
    add("--batch-size", type=a_count, default=1, help="pictures at a time")
    add("--half", action="store_true", help="half precision")
    add("--unsafe-load", action="store_true", help="unpickle any checkpoint")


def load_from_arguments(args: argparse.Namespace) -> SceneInferencer:
    """The inferencer that the arguments name.

    Raises:
        InputError: Not exactly one model was named, or it cannot be loaded.
    """
    return load_inferencer(**{field: getattr(args, field) for field in FIELDS})
