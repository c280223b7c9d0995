"""Write a training config for an own data set.

    python tools/own_data/write_config.py data/mine --out data/mine/spnet-tiny.py
    python tools/train.py data/mine/spnet-tiny.py

The data set is a folder that mmpsearch.COCOPersonSearch reads (``annotations.json`` or
CVAT's ``annotations/instances_default.json``), or one of MOT Challenge sequences. Its
number of identities, and for spnet-tiny the size at which its people have the height
that the model is made for, are measured and written down.
"""

from __future__ import annotations

import argparse
import math
import os
from pathlib import Path

import numpy as np

from mmpsearch.datasets import COCOPersonSearch, MOTPersonSearch
from mmpsearch.datasets.person_search.own.base import OwnPersonSearch
from mmpsearch.datasets.person_search.own.splits import RULES
from mmpsearch.errors import InputError
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import one_line_errors, output_file
from mmpsearch.utils.number_ranges import a_count

CONFIGS = Path(__file__).resolve().parents[2] / "configs" / "own_data"
MODELS = {
    "spnet-tiny": "spnet-tiny_r18_oc-finetune_own-data.py",
    "spnet-s": "spnet-s_convnext-t_oc-finetune_own-data.py",
}
BATCH = 8
SHOWN_HEIGHT = 60  # pixels of a person, of which half are taller
SHORT_SIDES = (160, 720)
ITERATIONS = {"spnet-tiny": 1000, "spnet-s": 5000}
LEAST_EPOCHS = {"spnet-tiny": 1, "spnet-s": 30}

TEXT = '''\
"""{model} on {root}: {images} training images, {people} people.

Written by tools/own_data/write_config.py.

    python tools/train.py {out}
    python tools/test.py {out} work_dirs/{stem}/epoch_{epochs}.pth
"""

_base_ = "{base}"

data = {data}
{pipelines}
train_dataloader = dict(
    dataset=dict(_delete_=True, split="train", pipeline={train}, **data)
)
val_dataloader = dict(
    dataset=dict(_delete_=True, split="test", pipeline={test}, **data)
)
test_dataloader = val_dataloader
{evaluator}
model = dict(
    pretrained=dict(checkpoint={start!r}),
    reid_loss=dict(num_identities={people}, queue_size={queue}),
)
train_cfg = dict(max_epochs={epochs}, val_interval={epochs})
default_hooks = dict(checkpoint=dict(interval={interval}))
'''
PIPELINES = """
train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.WindowResize", short={short}, long={long}),
    dict(type="mmpsearch.RandomScaleShift", scale_range=(0.8, 1.25)),
    dict(type="mmpsearch.RandomHorizontalFlip", prob=0.5),
    dict(type="mmpsearch.ColorJitter"),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]
test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.WindowResize", short={short}, long={long}),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]
"""
CAMERAS = """
# Also the search in other cameras than the query's alone.
val_evaluator = dict(further_cameras=("cross",))
test_evaluator = val_evaluator
"""


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("data", type=Path, help="folder of the data set")
    add("--out", type=output_file(".py"), required=True, help="config to write")
    add("--model", choices=sorted(MODELS), default="spnet-tiny", help="[spnet-tiny]")
    add("--start", help="checkpoint to start from [random weights]")
    add(
        "--iterations",
        type=a_count,
        help="length [spnet-tiny 1000, spnet-s 5000]",
    )
    add("--split-by", choices=RULES, help="how, where the data set does not say it")
    add("--person-key", help="key of an annotation with the person [person_id]")
    add("--camera-pattern", help="expression that finds the camera in a file's name")
    return parser.parse_args(argv)


def describe_data(args: argparse.Namespace) -> dict:
    """The config of the data set, without its split."""
    is_mot = (args.data / "gt").is_dir() or any(args.data.glob("*/gt/gt.txt"))
    kind = "MOTPersonSearch" if is_mot else "COCOPersonSearch"
    data = dict(type=f"mmpsearch.{kind}", data_root=str(args.data))
    if args.split_by or is_mot:
        data["split_by"] = dict(by=args.split_by or "time")
    if args.person_key:
        if is_mot:
            raise InputError("--person-key is for json files, not for MOT sequences")
        data["person_key"] = args.person_key
    if args.camera_pattern:
        data["camera_pattern"] = args.camera_pattern
    return data


def build(data: dict, split: str) -> OwnPersonSearch:
    """A split of the data set, read and checked."""
    options = {key: value for key, value in data.items() if key != "type"}
    classes = (COCOPersonSearch, MOTPersonSearch)
    (cls,) = (cls for cls in classes if data["type"].endswith(cls.__name__))
    dataset = cls(split=split, **options)
    dataset.full_init()
    return dataset


def shown_size(dataset: OwnPersonSearch) -> tuple[int, int]:
    """Short and long side at which half of the people are taller than 60 pixels."""
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    boxes = np.concatenate([info["gt_bboxes"] for info in infos])
    if not len(boxes):
        raise InputError(f"{dataset.data_root}: nobody is in the training images")
    height = float(np.median(boxes[:, 3] - boxes[:, 1]))
    sides = np.array([(info["height"], info["width"]) for info in infos])
    short, long = np.median(sides.min(1)), np.median(sides.max(1))
    shown = int(np.clip(round(short * SHOWN_HEIGHT / height), *SHORT_SIDES))
    return shown, math.ceil(shown * long / short)


def indented(data: dict) -> str:
    """A dict as a call, one entry a line."""
    lines = "".join(f"    {key}={value!r},\n" for key, value in data.items())
    return f"dict(\n{lines})"


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors():
        data = describe_data(args)
        train, test = build(data, "train"), build(data, "test")
        people, images = train.num_identities, len(train)
        if not people:
            raise InputError(f"{args.data}: nobody in the training images has a name")
        if images < BATCH:
            raise InputError(
                f"{args.data}: {images} training images are fewer than a batch of "
                f"{BATCH}"
            )
        steps = images // BATCH
        length = args.iterations or ITERATIONS[args.model]
        epochs = max(1, round(length / steps))
        if args.iterations is None:
            epochs = max(epochs, LEAST_EPOCHS[args.model])
        small = args.model == "spnet-tiny"
        pipelines = ""
        if small:
            short, long = shown_size(train)
            pipelines = PIPELINES.format(short=short, long=long)
        names = "{name}_pipeline" if small else "{{{{_base_.{name}_pipeline}}}}"
        parts = {name: names.format(name=name) for name in ("train", "test")}
        cross = test.metainfo["protocol"].image_cameras
        base = os.path.relpath(CONFIGS / MODELS[args.model], args.out.resolve().parent)
        text = TEXT.format(
            model=args.model,
            root=args.data,
            images=images,
            people=people,
            out=args.out,
            stem=args.out.stem,
            epochs=epochs,
            base=Path(base).as_posix(),
            data=indented(data),
            pipelines=pipelines,
            evaluator=CAMERAS if len(np.unique(cross)) > 1 else "",
            start=args.start,
            queue=max(64, people),
            interval=max(1, epochs // 4),
            **parts,
        )
        with replace_when_done(args.out) as temporary:
            Path(temporary).write_text(text, encoding="utf-8")
        shown = f", shown at {short} x {long} pixels" if small else ""
        print(
            f"{args.out}: {images} training and {len(test)} test images{shown}, "
            f"{people} people, {test.metainfo['protocol'].num_queries} queries, "
            f"{epochs} epochs"
        )


if __name__ == "__main__":
    main()
