"""An SPNet of some ten thousand weights, and scenes for it."""

from typing import Any

import torch
from mmengine.structures import InstanceData
from torch import Tensor, nn

from mmpsearch.models.person_search.spnet.model import SPNet
from mmpsearch.registry import MODELS
from mmpsearch.structures import PersonSearchSample

DIMS = 16
CHANNELS = [4, 8, 12, 16]
SHAPE = (64, 96)
NUM_ANCHORS = 9 * (8 * 12 + 4 * 6 + 2 * 3 + 1 * 2 + 1 * 1)
OIM = {
    "type": "mmpsearch.OIMLoss",
    "num_identities": 6,
    "queue_size": 5,
    "embed_dims": DIMS,
}
MOMENTUM_CONTRAST = {
    "type": "mmpsearch.MomentumContrastLoss",
    "embed_dims": DIMS,
    "queue_size": 9,
}
SEPARATE = {"type": "mmpsearch.DetectionBoxEmbedder", "embed_dims": DIMS}
# limits that nothing reaches: everything is sampled, nothing is random
EVERYTHING = {
    "type": "mmpsearch.ObjectCentricTraining",
    "samples_per_image": 10 * NUM_ANCHORS,
}
A_SAMPLE = {"type": "mmpsearch.ObjectCentricTraining", "samples_per_image": 32}
QUERY_CENTRIC = {
    "type": "mmpsearch.QueryCentricTraining",
    "num_pairs": 12,
    "anchors_per_pair": 16,
}


def tiny_settings(**changes: Any) -> dict[str, Any]:
    """``config.model`` with the published structure; ``changes`` replace arguments."""
    return {
        "type": "mmpsearch.SPNet",
        "backbone": {
            "type": "mmpsearch.ConvNeXt",
            "arch": {"depths": [1, 1, 1, 1], "channels": CHANNELS},
            "drop_path_rate": 0.0,
            "layer_scale_init_value": 1.0,
        },
        "neck": {
            "type": "mmdet.FPN",
            "in_channels": CHANNELS[1:],
            "out_channels": CHANNELS[2],
            "num_outs": 5,
            "add_extra_convs": "on_input",
            "relu_before_extra_convs": True,
        },
        "anchor_embedder": {
            "type": "mmpsearch.AnchorEmbedder",
            "in_channels": CHANNELS[2],
            "embed_dims": DIMS,
            "init_std": 0.1,
            "init_bias": 0.0,
        },
        "sp_block": {"type": "mmpsearch.SPBlock", "embed_dims": DIMS},
        "box_embedder": {"type": "mmpsearch.BoxEmbedder", "embed_dims": DIMS},
        "train_pathway": EVERYTHING,
        "reid_loss": OIM,
        **changes,
    }


def tiny_spnet(seed: int = 0, **changes: Any) -> SPNet:
    """The model of :func:`tiny_settings`."""
    torch.manual_seed(seed)
    model = MODELS.build(tiny_settings(**changes))
    for block in model.sp_blocks:  # bridges start at zero: let everything take part
        nn.init.normal_(block.bridge.linear.weight, std=0.1)
    for module in model.box_embedder.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.2)
    return model


def sample(
    boxes: list[list[float]],
    person_ids: list[int],
    unique_ids: list[int] | None = None,
    shape: tuple[int, int] = SHAPE,
) -> PersonSearchSample:
    """One image's annotation; boxes xyxy in pixels of the network input."""
    made = PersonSearchSample(metainfo={"img_shape": shape, "scale_factor": (1.0, 1.0)})
    ids = torch.tensor(person_ids, dtype=torch.int64)
    if unique_ids is None:
        unique_ids = [i if i >= 0 else 100 + n for n, i in enumerate(person_ids)]
    made.gt_instances = InstanceData(
        bboxes=torch.tensor(boxes, dtype=torch.float32).view(-1, 4),
        labels=torch.zeros_like(ids),
        person_ids=ids,
        unique_ids=torch.tensor(unique_ids, dtype=torch.int64),
    )
    return made


# equal to an anchor each: centres (24, 32), (64, 32), (40, 24); sizes 32, 40, 32
FIRST_BOX = [13.0, 9.0, 35.0, 55.0]
SECOND_BOX = [50.0, 4.0, 78.0, 60.0]
THIRD_BOX = [29.0, 1.0, 51.0, 47.0]


def scene(number: int = 2) -> tuple[Tensor, list[PersonSearchSample]]:
    """Images of noise with one or two persons each, one of them without identity."""
    generator = torch.Generator().manual_seed(7)
    inputs = torch.randn(number, 3, *SHAPE, generator=generator)
    samples = [
        sample([FIRST_BOX, SECOND_BOX], [0, -1], [0, 100]),
        sample([THIRD_BOX], [3]),
        sample([SECOND_BOX, FIRST_BOX], [4, 5]),
        sample([FIRST_BOX], [2]),
    ]
    return inputs, samples[:number]


def gradients(model: nn.Module) -> dict[str, Tensor | None]:
    """Gradient of every parameter that wants one."""
    return {
        name: None if parameter.grad is None else parameter.grad.clone()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }


def train_step(model: SPNet, inputs: Tensor, samples: list) -> dict[str, Tensor]:
    """Losses of one step; gradients are left in the parameters."""
    losses = model.train().loss(inputs, samples)
    sum(losses.values()).backward()
    return {name: value.detach() for name, value in losses.items()}
