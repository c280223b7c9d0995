import pytest
import torch
from torch import nn

from mmpsearch.engine.loops.feature_probe_loops import collapse_warnings
from mmpsearch.models.selfsup.frozen_features import FrozenFeatures
from mmpsearch.structures import ReIDSample


def test_nothing_is_said_of_healthy_features():
    start = dict(frozen_mAP=0.06, effective_rank=25.0)
    assert collapse_warnings(dict(frozen_mAP=0.12, effective_rank=20.0), start) == []
    assert collapse_warnings(start, start) == []


def test_features_that_find_less_than_random_ones_and_collapse():
    start = dict(frozen_mAP=0.06, effective_rank=25.0)
    found = collapse_warnings(dict(frozen_mAP=0.025, effective_rank=10.0), start)
    assert len(found) == 2
    assert "mAP 0.025" in found[0] and "(0.060)" in found[0]
    assert "10.0 directions" in found[1] and "25.0: they collapse" in found[1]


class Encoder(nn.Module):
    """Batch norm and dropout: evaluation differs from training."""

    def __init__(self, needs_modality=False):
        super().__init__()
        self.norm, self.drop = nn.BatchNorm2d(3), nn.Dropout(0.5)
        self.needs_modality = needs_modality

    def forward(self, x, modalities=None):
        if self.needs_modality:
            x = x * modalities.view(-1, 1, 1, 1)
        return (self.drop(self.norm(x)),)


class Owner(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.online = nn.ModuleDict({"backbone": encoder})


def sample(modality):
    found = ReIDSample()
    found.modality = modality
    return found


def test_a_named_backbone_in_evaluation_mode_with_its_colours():
    model = Owner(Encoder()).train()
    images = [torch.full((3, 4, 2), value, dtype=torch.uint8) for value in (0, 255)]
    images[0][0] = 255  # blue
    got = FrozenFeatures(model, "online.backbone").embed(images, [None, None])
    mean = torch.tensor([123.675, 116.28, 103.53])
    std = torch.tensor([58.395, 57.12, 57.375])
    rgb = torch.tensor([[0.0, 0.0, 255.0], [255.0] * 3])
    assert torch.allclose(got, (rgb - mean) / std / (1 + 1e-5) ** 0.5, atol=1e-4)
    assert model.online.backbone.training  # put back
    assert model.online.backbone.norm.num_batches_tracked == 0


def test_modality_goes_to_a_backbone_that_needs_it():
    model = Owner(Encoder(needs_modality=True))
    images = [torch.full((3, 4, 2), 9, dtype=torch.uint8)] * 2
    features = FrozenFeatures(model, "online.backbone")
    got = features.embed(images, [sample("rgb"), sample("ir")])
    assert (got[0] == 0).all() and (got[1] != 0).all()


def test_a_name_that_is_not_there():
    with pytest.raises(ValueError, match="no module 'backbone'.*its parts are online"):
        FrozenFeatures(Owner(Encoder()), "backbone")
