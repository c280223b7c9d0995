"""SPNet-S: seconds and peak memory of inference and of a training iteration.

    python tools/benchmarks/spnet_speed.py --task inference      # 900 x 1500
    python tools/benchmarks/spnet_speed.py --task train_oc       # 512 x 512
    python tools/benchmarks/spnet_speed.py --task train_qc

The baseline is MMDetection's Faster R-CNN with ResNet-50 and FPN on the same images,
which detects people but does not identify them. Weights are random in both.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import torch
from common import measure, report
from mmengine.config import Config
from mmengine.structures import InstanceData

import mmpsearch  # noqa: F401
from mmpsearch.registry import MODELS
from mmpsearch.structures import PersonSearchSample

ROOT = Path(__file__).resolve().parents[2]
SPNET = {
    "inference": "spnet-s_convnext-t_oc-finetune_prw.py",
    "train_oc": "spnet-s_convnext-t_oc-finetune_prw.py",
    "train_qc": "spnet-s_convnext-t_qc-pretrain_coco-persons.py",
}
PEOPLE_PER_IMAGE = 4


def build_spnet(task: str) -> torch.nn.Module:
    config = Config.fromfile(ROOT / "configs" / "spnet" / SPNET[task])
    return MODELS.build(config.model)


def build_faster_rcnn() -> torch.nn.Module:
    import mmdet

    folder = Path(mmdet.__file__).parent / ".mim" / "configs" / "_base_" / "models"
    model = Config.fromfile(folder / "faster-rcnn_r50_fpn.py").model
    model.backbone.init_cfg = None
    model.roi_head.bbox_head.num_classes = 1
    model["_scope_"] = "mmdet"
    return MODELS.build(model)


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


def inference_step(model: torch.nn.Module, batch: dict) -> Callable[[], None]:
    model.eval()

    def step() -> None:
        with torch.inference_mode():
            data = model.data_preprocessor(batch)
            model(data["inputs"], data["data_samples"], mode="predict")

    return step


def training_step(model: torch.nn.Module, batch: dict) -> Callable[[], None]:
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=sorted(SPNET), default="inference")
    parser.add_argument("--batch", type=int, default=2, help="of a training iteration")
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    inference = args.task == "inference"
    size = (900, 1500) if inference else (512, 512)
    batch = make_batch(
        size, 1 if inference else args.batch, 2 if args.task == "train_qc" else 1
    )
    prepare = inference_step if inference else training_step
    models = {"ours": build_spnet(args.task), "baseline": build_faster_rcnn()}
    steps = {name: prepare(m.to(device), batch) for name, m in models.items()}
    runs = measure(steps, repeats=args.repeats, cuda=device == "cuda")
    report(
        f"spnet_speed_{args.task}",
        runs["ours"],
        runs["baseline"],
        baseline_is="Faster R-CNN R50-FPN of MMDetection, detection only",
        images=len(batch["inputs"]),
        size=list(size),
    )


if __name__ == "__main__":
    main()
