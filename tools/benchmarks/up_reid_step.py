"""UP-ReID: seconds and peak memory of a pre-training step, and of its losses alone.

    python tools/benchmarks/up_reid_step.py --batch 8
    python tools/benchmarks/up_reid_step.py --batch 100 --depth 50     # on a GPU

The baseline computes the same losses in the straightforward way: a forward pass per
patch and image, logits of all positions alive at once, of queries with their key and
the queue. Both take the same step: forward, backward, SGD, moving average, queues.

The losses alone are also timed, on random directions of the published sizes, forward
and backward; there ``*_mib`` is what they need on top of embeddings and queues.
Batch norms use their running statistics, else one pass for all patches would normalise
otherwise than a pass per patch.
"""

import argparse
from collections.abc import Callable

import torch
import torch.nn.functional as F
from common import Measurement, measure, report
from torch import Tensor

import mmpsearch  # noqa: F401
from mmpsearch.models.losses import info_nce, multi_positive_nce
from mmpsearch.models.selfsup import UPReID
from mmpsearch.models.selfsup.partition import mirror_index, partition
from mmpsearch.models.selfsup.queue_bank import enqueue
from mmpsearch.registry import MODELS
from mmpsearch.utils.command_line import load_config, one_line_errors

CONFIG = "configs/up_reid/up-reid_r50_pretrain_luperson.py"
NARROW = dict(depth=18, stem_channels=16, base_channels=16)
TAU = 0.1


def all_logits_losses(queries: Tensor, keys: Tensor, queues: Tensor) -> list[Tensor]:
    """InfoNCE of the whole image, and the mean over patches of 'inside' positives.

    Args:
        queries: ``(1 + M, N, D)``.
        keys: ``(1 + M, N, D)``.
        queues: ``(1 + M, K, D)``.
    """
    same = (queries * keys).sum(dim=2, keepdim=True)
    mirror = mirror_index(4, 2) + 1
    mirrored = (queries[1:] * keys[mirror]).sum(dim=2, keepdim=True)
    negatives = queries @ queues.transpose(1, 2)
    whole = torch.cat((same[0], negatives[0]), dim=1) / TAU
    patches = torch.cat((same[1:], mirrored, negatives[1:]), dim=2) / TAU
    target = torch.zeros(len(whole), dtype=torch.int64, device=whole.device)
    shares = patches.log_softmax(dim=2)
    return [
        F.cross_entropy(whole, target),
        -shares[..., :2].logsumexp(dim=2).mean(),
    ]


def one_by_one_losses(queries: Tensor, keys: Tensor, queues: Tensor) -> list[Tensor]:
    """The same by the project's functions; arguments as `all_logits_losses`."""
    mirror = (mirror_index(4, 2) + 1).tolist()
    patches = [
        multi_positive_nce(queries[i], [keys[i], keys[j]], queues[i], TAU)
        for i, j in enumerate(mirror, start=1)
    ]
    whole = info_nce(queries[0], keys[0], queues[0], TAU)
    return [whole, torch.stack(patches).mean()]


def straightforward_step(model: UPReID, views: list[Tensor]) -> dict[str, Tensor]:
    """The definition of the losses, patch by patch (nothing shared)."""
    query, key, original = views
    with torch.no_grad():
        keys = torch.stack([model.average(part) for part in [key, *_cut(key)]])
        target = model.online(original) @ model.average(original).T
    queries = torch.stack([model.online(part) for part in [query, *_cut(query)]])
    bank = model.bank
    whole, patches = all_logits_losses(queries, keys, bank.queues)
    rows = torch.cat((queries[0] @ keys[0].T, target))
    squared = (rows[:, None] - rows[None]).square().sum(dim=2)
    count = len(rows)
    width = squared.detach().sum() / (count * (count - 1)) / 4
    kernel = sum((-squared / (width * 2**s)).exp() for s in range(5))
    half = count // 2
    within = kernel[:half, :half].mean() + kernel[half:, half:].mean()
    bank.pointer.copy_(enqueue(bank.queues.data, bank.pointer, keys))
    return {
        "loss_global": whole,
        "loss_patch": patches,
        "loss_consistency": within - 2 * kernel[:half, half:].mean(),
    }


def _cut(view: Tensor) -> list[Tensor]:
    return partition(view, 4, 2)


def our_step(model: UPReID, views: list[Tensor]) -> dict[str, Tensor]:
    """Its losses; the similarities that it logs are computed as well."""
    return {name: v for name, v in model.loss(views).items() if "loss" in name}


def make_step(losses_of: Callable, arguments, device: str) -> Callable[[], list[float]]:
    """A training step of an own model; gives the losses of the step."""
    config = load_config(CONFIG)
    if arguments.depth == 18:
        config.model.backbone.update(NARROW)
        config.model.neck.in_channels = 128
    config.model.backbone.norm_eval = True
    config.model.queue_size = arguments.queue
    config.model.key_groups = 1  # as a rank of several
    torch.manual_seed(0)
    model = MODELS.build(config.model).to(device).train()
    optimizer = torch.optim.SGD(model.online.parameters(), lr=1e-3, momentum=0.9)
    height, width = arguments.size
    generator = torch.Generator().manual_seed(0)
    shape = 3, arguments.batch, 3, height, width
    views = list(torch.randn(shape, generator=generator).to(device).unbind())

    def step() -> list[float]:
        losses = losses_of(model, views)
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()
        model.after_optimizer_step()
        return [value.item() for value in losses.values()]

    return step


def make_losses(losses_of: Callable, arguments, device: str) -> Callable[[], list]:
    """Forward and backward of the contrast alone, on random directions."""
    generator = torch.Generator().manual_seed(0)

    def directions(rows: int) -> Tensor:
        return F.normalize(torch.randn(9, rows, 128, generator=generator), dim=2)

    rows = arguments.loss_batch
    queries, keys, queues = (
        directions(count).to(device) for count in (rows, rows, arguments.queue)
    )

    def losses() -> list[float]:
        leaf = queries.clone().requires_grad_()
        found = losses_of(leaf, keys, queues)
        sum(found).backward()
        return [*(value.item() for value in found), leaf.grad.norm().item()]

    return losses


def needed_mib(run: Measurement) -> float:
    """Peak on top of what was there before the function ran."""
    return round(run.peak_mib - run.start_mib, 1)


def close(ours: list[float], baseline: list[float]) -> bool:
    """Equal up to rounding of float32."""
    return all(abs(a - b) < 1e-4 for a, b in zip(ours, baseline, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=8, help="images per device [8]")
    parser.add_argument("--depth", type=int, choices=(18, 50), default=50)
    parser.add_argument("--size", type=int, nargs=2, default=(256, 128))
    parser.add_argument("--queue", type=int, default=65536, help="entries [65536]")
    parser.add_argument(
        "--loss-batch", type=int, default=100, help="queries of the losses alone [100]"
    )
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    cuda = device == "cuda"
    ways = {"ours": one_by_one_losses, "baseline": all_logits_losses}
    losses = {name: make_losses(way, args, device) for name, way in ways.items()}
    alone = measure(losses, args.repeats, warmup=1, cuda=cuda)
    ways = {"ours": our_step, "baseline": straightforward_step}
    steps = {name: make_step(way, args, device) for name, way in ways.items()}
    # both start from the same weights: the first step must have the same losses
    first = {name: step() for name, step in steps.items()}
    runs = measure(steps, args.repeats, warmup=0, cuda=cuda)
    report(
        "up_reid_step",
        runs["ours"],
        runs["baseline"],
        equal=close(first["ours"], first["baseline"])
        and close(alone["ours"].result, alone["baseline"].result),
        baseline_is="a forward pass per patch, logits of all positions at once",
        losses=first,
        contrast_alone={
            "ours_s": round(alone["ours"].median, 4),
            "baseline_s": round(alone["baseline"].median, 4),
            "ours_mib": needed_mib(alone["ours"]),
            "baseline_mib": needed_mib(alone["baseline"]),
            "queries": args.loss_batch,
        },
        batch=args.batch,
        depth=args.depth,
        queue=args.queue,
    )


if __name__ == "__main__":
    with one_line_errors():
        main()
