"""PersonViT: images per second and peak memory of a pre-training step.

    python tools/benchmarks/personvit_step.py --batch 8
    python tools/benchmarks/personvit_step.py --batch 64 --amp     # on a GPU

The baseline computes the same losses in the straightforward way: a forward pass per
view, the head on every token by itself, logits of all patches of teacher and student.
Both take the same step: forward, backward, clip, AdamW, moving averages.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from contextlib import nullcontext

import torch
from common import measure, report
from torch import Tensor

import mmpsearch  # noqa: F401
from mmpsearch.datasets.transforms import PatchMasks
from mmpsearch.engine.optimizers import DecayGroupsConstructor
from mmpsearch.models.selfsup import PersonViT
from mmpsearch.registry import MODELS
from mmpsearch.utils.command_line import load_config, one_line_errors
from mmpsearch.utils.schedules import TrainingProgress

CONFIG = "configs/personvit/personvit_vit-s_pretrain_luperson.py"
GLOBAL_SIZE, LOCAL_SIZE = (256, 128), (96, 64)


def straightforward_losses(
    model: PersonViT, views: Sequence[Tensor], masks: Tensor
) -> dict[str, Tensor]:
    """The definition of the losses, view by view (spelled out, nothing shared)."""
    count = len(masks)
    with torch.no_grad():
        taught = [
            model.teacher.head(model.teacher.backbone(v)[0]) for v in views[:count]
        ]
    learnt = []
    for place, view in enumerate(views):
        mask = masks[place] if place < count else None
        tokens = model.student.backbone(view, mask=mask)[0]
        learnt.append(model.student.head(tokens))
    epoch = model.progress.epoch
    class_terms, patch_terms = [], []
    for place, (class_logits, patch_logits) in enumerate(taught):
        target = _soften(
            class_logits, model.class_center, model.class_temperature, epoch
        )
        for other, (logits, _) in enumerate(learnt):
            if other != place:
                class_terms.append(_cross_entropy(target, logits).mean())
        target = _soften(
            patch_logits, model.patch_center, model.patch_temperature, epoch
        )
        each = _cross_entropy(target, learnt[place][1])  # (B, P)
        chosen = masks[place].flatten(1).float()
        per_image = (each * chosen).sum(1) / chosen.sum(1).clamp(min=1)
        patch_terms.append(per_image.mean())
        model.class_center.observe(class_logits.float().mean(0), len(class_logits))
        rows = patch_logits.flatten(0, 1)
        model.patch_center.observe(rows.float().mean(0), len(rows))
    return {
        "loss_class": torch.stack(class_terms).mean(),
        "loss_patch": torch.stack(patch_terms).mean(),
    }


def _soften(logits: Tensor, center, ramp, epoch: int) -> Tensor:
    return ((logits.float() - center.center) / ramp.at(epoch)).softmax(-1)


def _cross_entropy(target: Tensor, logits: Tensor) -> Tensor:
    return -(target * (logits.float() / 0.1).log_softmax(-1)).sum(-1)


def make_batch(batch: int, local_views: int, device: str):
    """Random views and masks as PersonViT draws them."""
    generator = torch.Generator().manual_seed(0)
    sizes = [GLOBAL_SIZE] * 2 + [LOCAL_SIZE] * local_views
    views = [
        torch.randn(batch, 3, *size, generator=generator).to(device) for size in sizes
    ]
    random.seed(0)
    draw = PatchMasks(grid=(16, 8), views=2).transform
    masks = [torch.from_numpy(draw({})["masks"]) for _ in range(batch)]
    return views, torch.stack(masks, dim=1).to(device)


def make_step(losses_of: Callable, arguments, device: str) -> Callable[[], list[float]]:
    """A training step of an own model; gives the losses of the step."""
    config = load_config(CONFIG)
    config.model.backbone.drop_path = 0.0  # else each draws its own numbers
    torch.manual_seed(0)
    model = MODELS.build(config.model).to(device).train()
    model.start_iteration(TrainingProgress(0, 0, 1000))
    wrapper_config = config.optim_wrapper.to_dict()
    wrapper_config.pop("constructor")
    wrapper = DecayGroupsConstructor(wrapper_config)(model)
    batch = make_batch(arguments.batch, arguments.local_views, device)
    precision = (
        torch.autocast(device, torch.float16 if device == "cuda" else torch.bfloat16)
        if arguments.amp
        else nullcontext()
    )

    def step() -> list[float]:
        with precision:
            losses = losses_of(model, *batch)
        wrapper.update_params(sum(losses.values()))
        model.after_optimizer_step()
        return [value.item() for value in losses.values()]

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=8, help="images per device [8]")
    parser.add_argument("--local-views", type=int, default=6)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--amp", action="store_true", help="mixed precision")
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    ways = {"ours": PersonViT.loss, "baseline": straightforward_losses}
    steps = {name: make_step(way, args, device) for name, way in ways.items()}
    # both start from the same weights: the first step must have the same losses
    first = {name: step() for name, step in steps.items()}
    runs = measure(steps, repeats=args.repeats, warmup=0, cuda=device == "cuda")
    pairs = zip(first["ours"], first["baseline"], strict=True)
    report(
        "personvit_step",
        runs["ours"],
        runs["baseline"],
        equal=all(abs(a - b) < (1e-2 if args.amp else 1e-4) for a, b in pairs),
        baseline_is="a forward pass per view, logits of all patches",
        losses=first,
        images_per_second={
            name: round(args.batch / run.median, 2) for name, run in runs.items()
        },
        batch=args.batch,
        views=[2, args.local_views],
        precision="mixed" if args.amp else "float32",
    )


if __name__ == "__main__":
    with one_line_errors():
        main()
