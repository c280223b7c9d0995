"""What two ranks compute, and one process on the same global batch.

Every case takes the rank, or None for one process, which then gets all rows.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d
from mmpsearch.models.losses import OIMLoss
from mmpsearch.models.person_search.spnet import MomentumContrastLoss, PartBoxEmbedder
from mmpsearch.models.person_search.spnet.detection_losses import (
    binary_match_loss,
    focal_match_loss,
    giou_loss,
)
from mmpsearch.models.person_search.spnet.logits import BatchNormLogits
from mmpsearch.models.person_search.spnet.structures import Features
from mmpsearch.models.person_search.structures import batch_places
from tests.test_models.tiny_spnet import (
    CHANNELS,
    DIMS,
    EVERYTHING,
    FIRST_BOX,
    MOMENTUM_CONTRAST,
    OIM,
    QUERY_CENTRIC,
    SEPARATE,
    gradients,
    sample,
    scene,
    tiny_spnet,
)

# rows of rank 0; rank 1 has the rest
SPLITS = {"ragged": 5, "all on one rank": 9, "one row": 1}
NORM_SPLITS = {
    "ragged": (5, 3),
    "one each": (1, 1),
    "one in all": (1, 0),
    "none": (0, 0),
}
NORM_SPLITS["all on one rank"] = (0, 4)
# embedding every anchor's box takes its time: two upright anchors per location
CASCADE = {
    "cascade_steps": 1,
    "anchor_embedder": {
        "type": "mmpsearch.AnchorEmbedder",
        "in_channels": CHANNELS[2],
        "embed_dims": DIMS,
        "sizes": [(32,), (64,), (128,), (256,), (512,)],
        "ratios": (1.0, 2.0),
        "init_std": 0.1,
        "init_bias": 0.0,
    },
}
# its batch norms, also those of the Box Embedders, take part in every rank's statistics
RESNET = {
    "backbone": {
        "type": "mmpretrain.ResNet",
        "depth": 50,
        "stem_channels": 8,
        "base_channels": 2,
        "out_indices": (1, 2, 3),
        "norm_cfg": {"type": "mmpsearch.SafeBatchNorm2d"},
    },
    "neck": {
        "type": "mmdet.FPN",
        "in_channels": [16, 32, 64],
        "out_channels": 32,
        "num_outs": 5,
        "add_extra_convs": "on_input",
        "relu_before_extra_convs": True,
    },
    "anchor_embedder": {**CASCADE["anchor_embedder"], "in_channels": 32},
}
STEPS = {
    "oim": {},
    "oim cascade, ResNet": {**CASCADE, **RESNET, "detection_embedder": SEPARATE},
    "oim cascade": {**CASCADE, "detection_embedder": SEPARATE},
    "oim cascade, shared, paper's matching": {
        **CASCADE,
        "train_pathway": {
            **EVERYTHING,
            "match_low_quality": False,
            "ignore_iou": 0.5,
            "classify_first_stage": True,
        },
    },
    "oim, batch-norm logits": {
        "sp_block": {
            "type": "mmpsearch.SPBlock",
            "embed_dims": DIMS,
            "logits": "batch_norm",
        }
    },
    "moco": {"reid_loss": {**MOMENTUM_CONTRAST, "temperature": 2.0}},
    "moco, frozen backbone": {
        "reid_loss": {**MOMENTUM_CONTRAST, "temperature": 2.0},
        "freeze_backbone": True,
    },
    "moco, re-id only": {
        "reid_loss": {**MOMENTUM_CONTRAST, "temperature": 2.0},
        "train_pathway": {"type": "mmpsearch.ReIDOnlyTraining"},
    },
    "oim, learning without forgetting": {
        "scene_distillation": {"type": "mmpsearch.SceneDistillation", "num_classes": 9}
    },
}


def rows_of(rank: int | None, first: int, *tensors: Tensor) -> list[Tensor]:
    """The rank's rows of every tensor."""
    own = {None: slice(None), 0: slice(None, first), 1: slice(first, None)}[rank]
    return [tensor[own].clone() for tensor in tensors]


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def oim(rank: int | None, first: int, mean_over_labelled: bool = False) -> dict:
    """Three steps; strangers overflow the queue, identities recur across ranks."""
    x = noise(9, 8)
    ids = torch.tensor([0, 3, -1, 0, -1, 3, -1, 0, 2])
    loss = OIMLoss(5, 8, 4, mean_over_labelled=mean_over_labelled)
    results = []
    for step in range(3):
        own, own_ids = rows_of(rank, first, x + step, (ids + step).clamp(max=4))
        own.requires_grad_()
        value = loss(own, own_ids)
        value.backward()
        results.append({"loss": value.detach(), "gradient": own.grad})
    return {"steps": results, "state": dict(loss.state_dict())}


def oim_in_turn(rank: int | None) -> dict:
    """Images dealt out in turn; a person in three of them; the queue overflows."""
    images = torch.tensor([0, 0, 1, 1, 1, 2, 2, 3, 3])
    ids = torch.tensor([0, -1, 0, 3, -1, 0, -1, 3, -1])
    x = noise(9, 8)
    own = slice(None) if rank is None else images % 2 == rank
    local = images[own] if rank is None else images[own] // 2
    loss = OIMLoss(5, 8, 2)
    results = []
    for step in range(3):
        rows = (x + step)[own].clone().requires_grad_()
        value = loss(rows, ids[own], batch_places=batch_places(local))
        value.backward()
        results.append({"loss": value.detach()})
    return {"steps": results, "state": dict(loss.state_dict())}


def oim_without_labels_on_one_rank(rank: int | None) -> dict:
    own, ids = rows_of(rank, 3, noise(7, 8), torch.tensor([-1, -1, -1, 0, 1, 1, -1]))
    own.requires_grad_()
    loss = OIMLoss(5, 8, 4)
    loss.lookup_table.copy_(torch.eye(5, 8))
    value = loss(own, ids)
    value.backward()
    steps = [{"loss": value.detach(), "gradient": own.grad}]
    return {"steps": steps, "state": dict(loss.state_dict())}


def oim_error(rank: int | None) -> str:
    """Only rank 1 sees the foreign identity; nobody may wait for ever."""
    own, ids = rows_of(rank, 2, noise(4, 8), torch.tensor([0, 1, 2, 77]))
    try:
        OIMLoss(5, 8, 4)(own, ids)
    except ValueError as error:
        return str(error)
    return "no error"


def moco(rank: int | None, first: int) -> dict:
    x, keys = noise(9, 8), noise(9, 8) + 1
    ids = torch.tensor([7, 7, 2, 5, 2, 7, 9, 1, 5])
    loss = MomentumContrastLoss(8, 7)
    results = []
    for step in range(3):
        own, own_ids, own_keys = rows_of(rank, first, x + step, ids + 2 * step, keys)
        own.requires_grad_()
        value = loss(own, None, own_ids, own_keys)
        value.backward()
        results.append({"loss": value.detach(), "gradient": own.grad})
    return {"steps": results, "state": dict(loss.state_dict())}


def batch_norm(rank: int | None, counts: tuple[int, int], affine: bool) -> dict:
    """Two steps of a loss that tells the rows apart."""
    norm = SafeBatchNorm1d(3, affine=affine)
    with torch.no_grad():
        norm.running_mean.fill_(0.3)
        for parameter in norm.parameters():
            parameter.copy_(noise(3))
    x, weights = noise(sum(counts), 3) + 5, noise(sum(counts), 4)[:, :3]
    results = []
    for step in range(2):
        own, own_weights = rows_of(rank, counts[0], x * (step + 1), weights)
        own.requires_grad_()
        out = norm(own)
        norm.zero_grad()
        (out * own_weights).sum().backward()
        results.append({"out": out.detach(), "gradient": own.grad})
    parameters = [p.grad for p in norm.parameters()]
    return {"steps": results, "parameters": parameters, "state": norm.state_dict()}


def detection(rank: int | None, first: int) -> dict:
    """Denominators: matches are not spread evenly over the ranks."""
    logits, deltas = noise(9), noise(9, 4) / 4
    matched = torch.tensor([1, 1, 1, 1, 0, 0, 0, 0, 1]).bool()
    box = torch.tensor([0.0, 0.0, 20.0, 20.0])
    values = {}
    for name in ("focal", "binary", "giou"):
        z, d, own = rows_of(rank, first, logits, deltas, matched)
        z.requires_grad_(), d.requires_grad_()
        if name == "giou":
            value = giou_loss(box + 10 * d, box.expand(len(d), 4))
        else:
            loss = focal_match_loss if name == "focal" else binary_match_loss
            value = loss(z, own)
        value.backward()
        gradient = d.grad if name == "giou" else z.grad
        values[name] = {"loss": value.detach(), "gradient": gradient}
    return values


def model_step(rank: int | None, empty: bool, **options) -> list[dict]:
    """Two forward and backward passes of the whole model, without a step between.

    ``DistributedDataParallel`` refuses the second one if a parameter was left without
    a gradient in the first. In float64, as the variance over three ground-truth boxes
    amplifies rounding.
    """
    options.setdefault("reid_loss", {**OIM, "scale": 3.0})
    model = tiny_spnet(**options).train().double()
    for module in model.modules():
        if isinstance(module, BatchNormLogits):  # norms are float32
            module.float()
    if hasattr(model.reid_loss, "lookup_table"):
        model.reid_loss.lookup_table.copy_(F.normalize(torch.eye(6, DIMS) + 0.1, dim=1))
    inputs, samples = scene()
    inputs = inputs.double()
    if empty:
        samples[1] = sample([], [])
    forward: nn.Module = model
    if rank is not None:
        inputs, samples = inputs[rank : rank + 1], samples[rank : rank + 1]
        forward = DistributedDataParallel(model, broadcast_buffers=False)
    steps = []
    for _ in range(2):
        model.zero_grad()
        losses = forward(inputs, samples, mode="loss")
        sum(losses.values()).backward()
        steps.append(
            {
                "losses": {name: value.detach() for name, value in losses.items()},
                "gradients": gradients(model),
            }
        )
    return [*steps, {"buffers": dict(model.named_buffers())}]


def part_box_embedder(rank: int | None) -> dict:
    """Only rank 0 has boxes."""
    torch.manual_seed(0)
    # in float64: two rows' batch norms magnify rounding
    embedder = PartBoxEmbedder(2, 3, embed_dims=4, hidden_channels=4).double()
    maps = noise(1, 2, 16, 24).double(), noise(1, 3, 8, 12).double()
    features = Features(maps[:1], maps[1:], (64, 96))
    boxes = torch.tensor([FIRST_BOX, [5.0, 5.0, 30.0, 60.0]])
    if rank == 1:
        boxes = boxes[:0]
    out = embedder(features, boxes, torch.zeros(len(boxes), dtype=torch.int64))
    (out * torch.arange(4.0)).square().sum().backward()
    return {"out": out.detach(), "gradients": gradients(embedder)}


def all_cases(rank: int | None) -> dict:
    """Every result by name; one process group serves them all."""
    results = {
        "oim without labels": oim_without_labels_on_one_rank(rank),
        "oim in turn": oim_in_turn(rank),
        "oim error": oim_error(rank),
        "part box embedder": part_box_embedder(rank),
    }
    for name, first in SPLITS.items():
        results[f"oim {name}"] = oim(rank, first)
        results[f"oim over labelled {name}"] = oim(rank, first, True)
        results[f"moco {name}"] = moco(rank, first)
        results[f"detection {name}"] = detection(rank, first)
    for name, counts in NORM_SPLITS.items():
        for affine in (False, True):
            results[f"norm {name} {affine}"] = batch_norm(rank, counts, affine)
    for name, options in STEPS.items():
        for empty in (False, True):
            results[f"step {name} {empty}"] = model_step(rank, empty, **options)
    # pairs are chosen within a rank: not comparable, but it has to run
    for empty in (False, True):
        results[f"step query-centric {empty}"] = model_step(
            rank, empty, train_pathway=QUERY_CENTRIC, reid_loss=MOMENTUM_CONTRAST
        )
    return results
