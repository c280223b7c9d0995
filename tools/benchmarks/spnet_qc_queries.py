"""SPNet-S: many queries in one image, together and one at a time.

    python tools/benchmarks/spnet_qc_queries.py

Query-centric search needs the image's maps and anchor embeddings, which do not depend
on the query. Ours computes them once for all queries; the baseline calls the model once
per query, which repeats them. A few of its calls are timed and scaled to all queries.

Weights are random, and scaled so that a query finds two or three boxes; one trained on
people finds about one where its person is, and none elsewhere. The time of the joint
call is that of one forward pass and of embedding every found box (``boxes_per_query``).
"""

import argparse
from functools import partial
from pathlib import Path

import torch
from common import measure, report
from mmengine.config import Config
from torch import Tensor

import mmpsearch  # noqa: F401
from mmpsearch.models.person_search.spnet.model import SPNet
from mmpsearch.models.person_search.spnet.query_centric_search import (
    PairBoxes,
    anchor_norms,
    search_queries,
)
from mmpsearch.ops.cpu import speed_up_on_cpu
from mmpsearch.registry import MODELS
from mmpsearch.utils.command_line import one_line_errors

CONFIG = "configs/spnet/spnet-s_convnext-t_oc-finetune_prw.py"
ROOT = Path(__file__).resolve().parents[2]
NEAR = 3  # anchors that match a query; random boxes suppress hardly any


def build(config: str) -> SPNet:
    """The model for inference, with random weights."""
    settings = Config.fromfile(ROOT / config).model
    settings.update(train_pathway=None, reid_loss=None, pretrained=None)
    torch.manual_seed(0)
    return MODELS.build(settings).eval()


@torch.inference_mode()
def make_queries(model: SPNet, inputs: Tensor, number: int) -> Tensor:
    """Embeddings ``(number, D)`` of anchors; a few other anchors are near each."""
    features = model.extract(inputs)
    shape = features.batch_shape
    embeddings = model.anchor_embedder(features.pyramid, shape)[0][0]
    generator = torch.Generator().manual_seed(0)
    chosen = torch.randperm(len(embeddings), generator=generator)[:number]
    squares = embeddings.square().sum(dim=1)
    norms = anchor_norms(embeddings[chosen.to(squares.device)], embeddings, squares)
    near = norms.topk(NEAR + 1, dim=1, largest=False).values[:, NEAR]
    factor = model.sp_blocks[0].logits.mean / near.median().clamp(min=1e-6)
    for parameter in model.anchor_embedder.conv.parameters():
        parameter.mul_(factor)
    return embeddings[chosen.to(squares.device)] * factor


@torch.inference_mode()
def search(model: SPNet, inputs: Tensor, queries: Tensor) -> PairBoxes:
    """One call: maps of the image, then the search for all given queries."""
    features = model.extract(inputs)
    return search_queries(model, features, tuple(inputs.shape[-2:]), queries)


def search_one_by_one(model: SPNet, inputs: Tensor, queries: Tensor) -> list[PairBoxes]:
    """A call per query."""
    return [search(model, inputs, query) for query in queries.split(1)]


def same(joint: PairBoxes, separate: list[PairBoxes]) -> bool:
    """Whether the separately searched (first) queries have the same boxes in both."""
    for query, alone in enumerate(separate):
        own = joint.of(query)
        if len(own.boxes) != len(alone.boxes):
            return False
        for ours, theirs in (
            (own.boxes, alone.boxes),
            (own.scores, alone.scores),
            (own.embeddings, alone.embeddings),
        ):
            if not torch.allclose(ours, theirs, rtol=1e-3, atol=1e-3):
                return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default=CONFIG, help="of an SPNet")
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument(
        "--separate", type=int, default=2, help="queries that the baseline is timed on"
    )
    parser.add_argument("--size", type=int, nargs=2, default=(900, 1500))
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = build(args.config).to(device)
    speed_up_on_cpu(model)
    height, width = args.size
    padded = (-(-height // 32) * 32, -(-width // 32) * 32)
    inputs = torch.randn(1, 3, *padded, generator=torch.Generator().manual_seed(0))
    inputs = inputs.to(device)
    queries = make_queries(model, inputs, args.queries)
    few = min(args.separate, args.queries)
    runs = measure(
        {
            "joint": partial(search, model, inputs, queries),
            "separate": partial(search_one_by_one, model, inputs, queries[:few]),
        },
        repeats=args.repeats,
        warmup=0,  # making the queries was one
        cuda=device == "cuda",
    )
    joint = runs["joint"]
    one_query = runs["separate"].median / few
    report(
        "spnet_qc_queries",
        joint,
        runs["separate"],
        equal=same(joint.result, runs["separate"].result),
        baseline_scale=args.queries / few,
        baseline_is="one call per query, each with its own forward pass",
        size=[height, width],
        queries=args.queries,
        timed_separately=few,
        boxes_per_query=round(len(joint.result.boxes) / args.queries, 2),
        one_query_s=round(one_query, 4),
        joint_by_one_query=round(joint.median / one_query, 2),
    )


if __name__ == "__main__":
    with one_line_errors():
        main()
