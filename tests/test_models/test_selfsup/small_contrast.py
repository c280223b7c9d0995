"""Small MoCo and UP-ReID models and batches for them, shared by the tests."""

import torch

from mmpsearch.registry import MODELS

# the same for one image as for many: what is compared does not depend on batches
GROUPS = dict(type="GN", num_groups=4)


def contrast_config(kind: str = "UPReID", norm: dict = GROUPS, **settings) -> dict:
    """Config of a model with 32-dimensional features and a queue of 11."""
    return {
        "type": f"mmpsearch.{kind}",
        "backbone": dict(
            type="mmpretrain.ResNet",
            depth=18,
            stem_channels=4,
            base_channels=4,
            strides=(1, 2, 2, 1),
            out_indices=(3,),
            norm_cfg=norm,
        ),
        "neck": dict(
            type="mmpretrain.MoCoV2Neck",
            in_channels=32,
            hid_channels=16,
            out_channels=8,
        ),
        "embed_dims": 8,
        "queue_size": 11,
        **settings,
    }


def contrast_model(kind: str = "UPReID", seed: int = 0, **settings):
    """Built with a seed; the average differs from the online encoder."""
    torch.manual_seed(seed)
    model = MODELS.build(contrast_config(kind, **settings))
    torch.manual_seed(seed)  # the same weights for any number of queues
    model.init_weights()
    with torch.no_grad():
        for parameter in model.average.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model.train()


def contrast_views(batch: int = 3, seed: int = 0) -> list[torch.Tensor]:
    """Query views, key views and original images of 64 x 32 pixels."""
    generator = torch.Generator().manual_seed(seed)
    shape = (3, batch, 3, 64, 32)
    return list(torch.randn(shape, generator=generator).unbind())
