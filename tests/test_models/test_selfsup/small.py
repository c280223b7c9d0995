"""A small PersonViT and batches for it, shared by the tests."""

import torch

from mmpsearch.registry import MODELS
from mmpsearch.utils.schedules import TrainingProgress


def small_config(**settings) -> dict:
    """Config; ``backbone`` and ``head`` settings are merged."""
    backbone = dict(
        type="mmpsearch.VisionTransformer",
        arch=dict(dims=24, depth=2, heads=3),
        image_size=(64, 32),
    ) | settings.pop("backbone", {})
    head = dict(
        type="mmpsearch.PrototypeHead",
        in_channels=24,
        prototypes=16,
        hidden=32,
        bottleneck=8,
    ) | settings.pop("head", {})
    return dict(type="mmpsearch.PersonViT", backbone=backbone, head=head) | settings


def small_model(seed: int = 0, **settings):
    """Built with a seed, at the start of a training of 4 iterations."""
    torch.manual_seed(seed)
    model = MODELS.build(small_config(**settings))
    model.init_weights()
    model.start_iteration(TrainingProgress(0, 0, 4))
    return model.train()


def small_views(batch: int = 3, local_sizes=((32, 16), (32, 16)), seed: int = 0):
    """Two global views, local ones, and masks ``(2, B, 4, 2)``."""
    generator = torch.Generator().manual_seed(seed)
    sizes = [(64, 32)] * 2 + list(local_sizes)
    views = [torch.randn(batch, 3, *size, generator=generator) for size in sizes]
    masks = torch.rand(2, batch, 4, 2, generator=generator) < 0.4
    masks[0, 0] = False  # an image without masked patches
    return views, masks
