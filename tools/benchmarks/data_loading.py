"""Images per second per core: the configs' pipelines on images of true size.

    python tools/benchmarks/data_loading.py
    python tools/benchmarks/data_loading.py --config CONFIG   # its own training set

Times one process with one thread: decoding, augmentation, packing. Without a config,
JPEG images of each data set's usual size are made in a temporary folder and go through
the pipelines of ``configs/_base_/datasets``. ``ours`` is PRW's test pipeline; the
baseline is MMDetection's own (load, boxes, resize, pack) on the same images, and
``equal`` says that both gave the same pixels and boxes. ``images_per_second`` holds
all pipelines.
"""

import argparse
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
from common import measure, report
from mmdet.utils import register_all_modules
from mmengine.config import Config
from mmengine.dataset import Compose

from mmpsearch.datasets import SeededIndex
from mmpsearch.datasets.seeded_dataset import seeded_generators
from mmpsearch.registry import DATASETS, TRANSFORMS
from mmpsearch.utils.check_config import require_section
from mmpsearch.utils.command_line import load_config, one_line_errors

CONFIGS = Path(__file__).parents[2] / "configs" / "_base_" / "datasets"
# Name, config, pipeline, height and width of the images.
RECIPES = (
    ("prw_test_wrs", "prw", "test_pipeline", 1080, 1920),
    ("prw_train_rrc2", "prw", "train_pipeline", 1080, 1920),
    ("cuhk_sysu_train_rrc2", "cuhk_sysu", "train_pipeline", 600, 800),
    ("coco_train_rrc_scale", "coco_persons", "train_pipeline", 480, 640),
    ("synthetic_train", "synthetic_prw", "train_pipeline", 224, 336),
)
BASELINE = [
    dict(type="LoadImageFromFile"),
    dict(type="mmdet.LoadAnnotations", with_bbox=True),
    dict(type="mmdet.Resize", scale=(1500, 900), keep_ratio=True),
    dict(type="mmdet.PackDetInputs"),
]


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=16, help="per pipeline [16]")
    parser.add_argument("--repeats", type=int, default=3, help="timed runs of each [3]")
    parser.add_argument("--config", help="also time this config's training set")
    return parser.parse_args()


def make_scene(path: Path, height: int, width: int, seed: int) -> dict:
    """Write a JPEG as large as a photograph's; returns a data set's ``data_info``."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 255, (height // 16, width // 16, 3), dtype=np.uint8)
    image = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = random.integers(0, 24, image.shape, dtype=np.uint8)
    cv2.imwrite(str(path), cv2.add(image, noise), [cv2.IMWRITE_JPEG_QUALITY, 90])
    corners = random.uniform(0.05, 0.7, (5, 2))
    boxes = np.concatenate([corners, corners + [0.08, 0.28]], axis=1)
    boxes = (boxes * [width, height, width, height]).round().astype(np.float32)
    return dict(
        img_path=str(path),
        img_id=seed,
        height=height,
        width=width,
        gt_bboxes=boxes,
        gt_person_ids=np.array([0, 1, -1, -1, 2]),
        gt_unique_ids=np.arange(5),
        query_bboxes=np.zeros((0, 4), np.float32),
        query_ids=np.zeros(0, np.int64),
        instances=[
            dict(bbox=box.tolist(), bbox_label=0, ignore_flag=0) for box in boxes
        ],
    )


def run_pipeline(pipeline: Compose, scenes: list[dict]) -> list[dict]:
    """Every scene once, each with its own seed."""
    packed = []
    for seed, scene in enumerate(scenes):
        with seeded_generators(seed):
            packed.append(pipeline(dict(scene)))
    return packed


def same_inputs(ours: list[dict], baseline: list[dict]) -> bool:
    """Whether pixels and boxes agree."""
    for left, right in zip(ours, baseline, strict=True):
        boxes = left["data_samples"].gt_instances.bboxes
        others = right["data_samples"].gt_instances.bboxes.tensor
        if not torch.equal(left["inputs"], right["inputs"]):
            return False
        if not torch.allclose(boxes, others, atol=1e-3):
            return False
    return True


def per_second(run, images: int) -> float:
    """Images per second of CPU time of this one thread."""
    return round(images / run.cpu_median, 2)


def main() -> None:
    args = parse_args()
    register_all_modules(init_default_scope=False)
    if args.config:  # before the others are timed: it may be wrong
        loader = require_section(load_config(args.config), "train_dataloader")
        dataset = DATASETS.build(loader.dataset)
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    speeds = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, config, key, height, width in RECIPES:
            scenes = [
                make_scene(Path(folder, f"{name}_{i}.jpg"), height, width, i)
                for i in range(args.images)
            ]
            content = Config.fromfile(CONFIGS / f"{config}.py")
            pipeline = Compose([TRANSFORMS.build(step) for step in content[key]])
            functions = {name: lambda p=pipeline, s=scenes: run_pipeline(p, s)}
            if name == "prw_test_wrs":
                base = Compose([TRANSFORMS.build(step) for step in BASELINE])
                functions["baseline"] = lambda p=base, s=scenes: run_pipeline(p, s)
            runs = measure(functions, repeats=args.repeats)
            speeds[name] = per_second(runs[name], args.images)
            if "baseline" in runs:
                ours, baseline = runs[name], runs["baseline"]
                equal = same_inputs(ours.result, baseline.result)
                speeds["mmdet_resize"] = per_second(baseline, args.images)
            for run in runs.values():
                run.result = None
            print(f"{name}: {speeds[name]} images/s on images of {height} x {width}")
    if args.config:
        indices = [SeededIndex(i, i) for i in range(min(args.images, len(dataset)))]
        runs = measure({"config": lambda: [dataset[i] for i in indices]}, args.repeats)
        speeds[args.config] = per_second(runs["config"], len(indices))
    report(
        "data_loading",
        ours,
        baseline,
        equal=equal,
        images=args.images,
        images_per_second=speeds,
        unit="images per CPU second of one thread",
    )


if __name__ == "__main__":
    with one_line_errors():
        main()
