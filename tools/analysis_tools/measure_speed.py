"""Frames per second of a person-search model, as Table 1 of the SPNet paper reports.

    python tools/analysis_tools/measure_speed.py CONFIG                 # random weights
    python tools/analysis_tools/measure_speed.py CONFIG CHECKPOINT --amp
    python tools/analysis_tools/measure_speed.py CONFIG CHECKPOINT --dataset

A frame goes from the image tensor to the embedded detections: padding, network,
suppression, embeddings. One image at a time; with a GPU the clock is read when it has
finished. Reading and resizing pictures is left out; ``--dataset`` takes the config's
test images and reports both times. The last line is one JSON object.

The time depends on how many people are found, so random weights give a rough figure.
"""

import argparse
import json
import statistics
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.model import BaseModel
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

from mmpsearch.apis.config_kinds import require_detector
from mmpsearch.apis.model_loading import build_model, choose_device, put_on
from mmpsearch.structures import PersonSearchSample
from mmpsearch.utils.check_config import require_section
from mmpsearch.utils.command_line import load_config, one_line_errors

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
from common import PeakMemory, machine, versions  # noqa: E402


def random_images(shape: tuple[int, int], number: int) -> Iterator[dict]:
    """Batches of one random picture, as a test data loader gives them.

    Args:
        shape: height, width, after resizing.
        number: of pictures.
    """
    generator = torch.Generator().manual_seed(0)
    for image in range(number):
        sample = PersonSearchSample(
            metainfo=dict(
                img_id=image,
                img_shape=shape,
                ori_shape=shape,
                scale_factor=(1.0, 1.0),
            )
        )
        picture = torch.randint(
            0, 256, (3, *shape), dtype=torch.uint8, generator=generator
        )
        yield dict(inputs=[picture], data_samples=[sample])


def dataset_images(config: Config, number: int) -> Iterator[dict]:
    """Batches of one test image, loaded in this process.

    Args:
        config: with ``test_dataloader``.
        number: of pictures; the set is repeated where it is smaller.
    """
    loader = require_section(config, "test_dataloader").copy()
    loader.update(batch_size=1, num_workers=0, persistent_workers=False)
    dataset = Runner.build_dataloader(loader).dataset
    for image in range(number):
        batch = pseudo_collate([dataset[image % len(dataset)]])
        for sample in batch["data_samples"]:  # a search needs detections only
            for name in ("gt_instances", "query_instances"):
                sample.pop(name, None)
        yield batch


@torch.inference_mode()
def time_frames(
    model: BaseModel, batches: Iterable[dict], warmup: int, amp: bool
) -> tuple[list[float], list[float], list[int]]:
    """Detect in every picture.

    Args:
        model: in eval mode.
        batches: of one picture each.
        warmup: pictures at the beginning that are not timed.
        amp: detect in mixed precision.

    Returns:
        Per timed picture the model's seconds, the seconds with loading, and the number
        of detections.
    """
    device = next(model.parameters()).device
    seconds, with_loading, found = [], [], []
    before_loading = time.perf_counter()
    for number, batch in enumerate(batches):
        start = _now(device)
        with torch.autocast(device.type, enabled=amp):
            (sample,) = model.test_step(batch)
        end = _now(device)
        if number >= warmup:
            seconds.append(end - start)
            with_loading.append(end - before_loading)
            found.append(len(sample.pred_instances))
        before_loading = time.perf_counter()
    return seconds, with_loading, found


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", help="config file of a detector or a search model")
    parser.add_argument("checkpoint", nargs="?", help="its weights; default: random")
    parser.add_argument(
        "--shape",
        type=int,
        nargs=2,
        default=(900, 1500),
        metavar=("HEIGHT", "WIDTH"),
        help="of the pictures, after resizing (900 1500)",
    )
    parser.add_argument(
        "--dataset", action="store_true", help="time test images, and their loading"
    )
    parser.add_argument("--frames", type=int, default=50, help="timed pictures (50)")
    parser.add_argument("--warmup", type=int, default=5, help="pictures before (5)")
    parser.add_argument("--amp", action="store_true", help="in mixed precision")
    parser.add_argument("--device", help="cuda, cpu ... (default: the GPU if any)")
    parser.add_argument(
        "--unsafe-load",
        action="store_true",
        help="load a checkpoint that holds pickled objects, which can run any code",
    )
    return parser.parse_args()


def measure_speed(args: argparse.Namespace) -> dict[str, object]:
    """What is printed."""
    config = load_config(args.config)
    device = choose_device(args.device)
    limits = require_section(config, "model").get("search") or {}
    scope = DefaultScope.overwrite_default_scope(config.get("default_scope"))
    with scope, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # random weights are said in the result
        model = build_model(
            config,
            args.checkpoint,
            limits.get("score_threshold", 0.5),
            args.unsafe_load,
        )
    model = put_on(device, model)
    require_detector(model, args.config)
    total = args.warmup + args.frames
    if args.dataset:
        batches = dataset_images(config, total)
    else:
        batches = random_images(tuple(args.shape), total)
    scope = DefaultScope.overwrite_default_scope(config.get("default_scope"))
    with scope, PeakMemory() as memory:
        seconds, with_loading, found = time_frames(
            model, batches, args.warmup, args.amp
        )
    peak = memory.peak_mib
    if device.type == "cuda":
        peak = torch.cuda.max_memory_allocated(device) / 2**20
    return {
        "name": "frames_per_second",
        "config": str(args.config),
        "checkpoint": args.checkpoint,
        "fps": round(1 / statistics.median(seconds), 3),
        "fps_with_loading": (
            round(1 / statistics.median(with_loading), 3) if args.dataset else None
        ),
        "median_s": round(statistics.median(seconds), 5),
        "slowest_s": round(max(seconds), 5),
        "frames": args.frames,
        "images": "test images" if args.dataset else f"random, {list(args.shape)}",
        "detections_per_frame": round(statistics.mean(found), 2),
        "parameters": sum(p.numel() for p in model.parameters()),
        "device": str(device),
        "amp": args.amp,
        "peak_mib": round(peak, 1),
        "machine": machine(),
        "versions": versions(),
    }


def main() -> None:
    args = parse_arguments()
    if args.frames < 1:
        raise SystemExit("error: --frames: must be at least 1")
    with one_line_errors():
        print(json.dumps(measure_speed(args)))


if __name__ == "__main__":
    main()
