"""AGW from random weights whose embeddings lie far apart."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmpsearch.registry import MODELS
from mmpsearch.structures import ReIDSample

BASE = Path(__file__).parents[3] / "configs/_base_/models/cross_modality_agw_r50.py"


def small_agw():
    torch.manual_seed(0)
    config = Config.fromfile(BASE).model
    config.backbone.update(
        depth=18, stem_channels=8, base_channels=4, non_local=(0, 1, 1, 0)
    )
    config.backbone.init_cfg = None
    config.heads.whole.in_channels = 32
    config.num_identities = 4
    return MODELS.build(config).train()


def batch():
    """Four people with two RGB and two infrared pictures each."""
    samples = []
    for modality in ("rgb", "ir"):
        for person in (0, 0, 1, 1, 2, 2, 3, 3):
            sample = ReIDSample()
            sample.person_id, sample.modality = person, modality
            samples.append(sample)
    return torch.randn(16, 3, 48, 24), samples


@pytest.mark.parametrize("distance", [100.0, 1e4])
def test_training_stays_finite_and_goes_on(distance):
    model, (images, samples) = small_agw(), batch()
    vectors = []
    model.neck.pool.register_forward_hook(
        lambda module, inputs, output: vectors.append(output.detach()) or scale * output
    )
    scale = 1.0
    model.loss(images, samples)
    scale = distance / torch.pdist(vectors[-1]).mean()
    optimizer = torch.optim.SGD(
        model.parameters(), lr=0.01 / distance, momentum=0.9, nesterov=True
    )
    values = []
    for _ in range(12):
        optimizer.zero_grad()
        losses = model.loss(images, samples)
        (losses["loss_id"] + losses["loss_triplet"]).backward()
        optimizer.step()
        values.append(losses["loss_triplet"].item())
        assert all(
            p.grad.isfinite().all() for p in model.parameters() if p.requires_grad
        )
    assert all(torch.tensor(values).isfinite())
    assert min(values[1:]) < values[0]
