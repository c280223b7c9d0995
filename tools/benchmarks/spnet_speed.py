"""SPNet: seconds and peak memory of inference and of a training iteration.

    python tools/benchmarks/spnet_speed.py --task inference --model r50   # Table 1
    python tools/benchmarks/spnet_speed.py --task inference               # SPNet-S
    python tools/benchmarks/spnet_speed.py --task train_oc --batch-size 8
    python tools/benchmarks/spnet_speed.py --task train_qc --batch-size 8

Inference takes one picture of 900 x 1500 pixels. Its baseline is a person-search
pipeline on MMDetection's Faster R-CNN with ResNet-50-C4 (``faster_rcnn_search.py``),
the backbone of SPNet-L in Table 1. A training iteration takes pictures of 512 x 512 and
has no baseline; it fails if it needs more memory than ``--max-mib``. Weights are random
in both, SPNet's anchor embeddings scaled so that it detects as many as it can. With
``MMPSEARCH_SPEED_UP_ON_CPU=0`` SPNet is as plain as the baseline.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from common import measure, report
from faster_rcnn_search import FasterRCNNSearch, faster_rcnn_c4
from mmengine.config import Config
from mmengine.structures import InstanceData

import mmpsearch  # noqa: F401
from mmpsearch.ops.cpu import SWITCH, speed_up_on_cpu
from mmpsearch.registry import MODELS
from mmpsearch.structures import PersonSearchSample
from mmpsearch.utils.command_line import one_line_errors

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
INFERENCE = {
    "small": "_base_/models/spnet-s_convnext-t.py",
    "r50": "_base_/models/spnet-l_r50.py",
}
TRAINING = {
    "train_oc": "spnet/spnet-s_convnext-t_oc-pretrain_coco-persons.py",
    "train_qc": "spnet/spnet-s_convnext-t_qc-pretrain_coco-persons.py",
}
PEOPLE_PER_IMAGE = 4


def build_spnet(config: str) -> torch.nn.Module:
    model = MODELS.build(Config.fromfile(CONFIGS / config).model)
    if not torch.cuda.is_available():
        speed_up_on_cpu(model)
    return model


@torch.no_grad()
def spread_anchor_embeddings(model: torch.nn.Module, batch: dict) -> None:
    """Give anchor embeddings unit variance, as FixedNorm logits expect."""
    convolution = model.anchor_embedder.conv
    convolution.bias.zero_()
    inputs = model.data_preprocessor(batch)["inputs"]
    features = model.extract(inputs)
    embeddings, _ = model.anchor_embedder(features.pyramid, features.batch_shape)
    convolution.weight.div_(embeddings.std())


def make_batch(size: tuple[int, int], number: int, views: int) -> dict:
    """Random pictures with people in the lower half, the same in all views."""
    generator = torch.Generator().manual_seed(0)
    height, width = size
    inputs, samples = [], []
    for image in range(number):
        corner = torch.rand(PEOPLE_PER_IMAGE, 2, generator=generator)
        corner = corner * torch.tensor([width * 0.8, height * 0.5])
        shape = torch.tensor([width * 0.1, height * 0.4])
        group = image // views * PEOPLE_PER_IMAGE
        ids = torch.arange(group, group + PEOPLE_PER_IMAGE)
        sample = PersonSearchSample(
            metainfo={
                "img_shape": size,
                "ori_shape": size,
                "scale_factor": (1.0, 1.0),
                "pad_shape": size,
            }
        )
        sample.gt_instances = InstanceData(
            bboxes=torch.cat([corner, corner + shape], dim=1),
            labels=torch.zeros(PEOPLE_PER_IMAGE, dtype=torch.int64),
            person_ids=ids,
            unique_ids=ids,
        )
        inputs.append(
            torch.randint(0, 256, (3, *size), generator=generator, dtype=torch.uint8)
        )
        samples.append(sample)
    return {"inputs": inputs, "data_samples": samples}


def inference_step(model: torch.nn.Module, batch: dict) -> Callable[[], int]:
    """A function that searches the batch and returns the number of boxes."""
    model.eval()

    def step() -> int:
        with torch.inference_mode():
            data = model.data_preprocessor(batch)
            found = model.predict(data["inputs"], data["data_samples"])
        return sum(len(sample.pred_instances.embeddings) for sample in found)

    return step


def training_step(model: torch.nn.Module, batch: dict) -> Callable[[], None]:
    """A function that makes one iteration, optimiser included."""
    model.train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-6)

    def step() -> None:
        data = model.data_preprocessor(batch, True)
        losses = model(data["inputs"], data["data_samples"], mode="loss")
        total, _ = model.parse_losses(losses)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()

    return step


def compare_inference(name: str, repeats: int, device: str) -> None:
    size = (900, 1500)
    batch = make_batch(size, 1, 1)
    for sample in batch["data_samples"]:
        del sample.gt_instances  # nobody else's boxes are embedded
    spnet = build_spnet(INFERENCE[name]).to(device).eval()
    spread_anchor_embeddings(spnet, batch)
    steps = {
        "ours": inference_step(spnet, batch),
        "baseline": inference_step(
            FasterRCNNSearch(faster_rcnn_c4()).to(device), batch
        ),
    }
    runs = measure(steps, repeats, cuda=device == "cuda")
    report(
        f"spnet_speed_inference_{name}",
        runs["ours"],
        runs["baseline"],
        baseline_is="Faster R-CNN R50-C4 of MMDetection, 300 proposals, and embeddings",
        boxes=runs["ours"].result,
        baseline_boxes=runs["baseline"].result,
        size=list(size),
        threads=torch.get_num_threads(),
        speed_ups=os.environ.get(SWITCH, "1"),
    )


def measure_training(
    task: str, batch_size: int, repeats: int, max_mib: float, device: str
) -> None:
    size = (512, 512)
    batch = make_batch(size, batch_size, 2 if task == "train_qc" else 1)
    model = build_spnet(TRAINING[task]).to(device)
    run = measure(
        {"ours": training_step(model, batch)}, repeats, cuda=device == "cuda"
    )["ours"]
    report(
        f"spnet_speed_{task}",
        run,
        batch_size=batch_size,
        size=list(size),
        threads=torch.get_num_threads(),
        max_mib=max_mib,
        speed_ups=os.environ.get(SWITCH, "1"),
    )
    if run.peak_mib > max_mib:
        sys.exit(f"{task} needs {run.peak_mib:.0f} MiB, more than --max-mib {max_mib}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=["inference", *TRAINING], default="inference")
    parser.add_argument("--model", choices=INFERENCE, default="small")
    parser.add_argument("--batch-size", type=int, default=8, help="in training")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, help="of PyTorch")
    parser.add_argument("--max-mib", type=float, default=20 * 1024)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if args.task == "inference":
        compare_inference(args.model, args.repeats, device)
    else:
        measure_training(args.task, args.batch_size, args.repeats, args.max_mib, device)


if __name__ == "__main__":
    with one_line_errors():
        main()
