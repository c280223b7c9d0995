import torch
from torch import nn

from mmpsearch.models.reid import InformationBottleneck


def test_sizes_as_published():
    module = InformationBottleneck(2048, 395)
    widths = [m.out_features for m in module.encoder if isinstance(m, nn.Linear)]
    assert widths == [1000, 500, 512]
    widths = [m.out_features for m in module.classifier if isinstance(m, nn.Linear)]
    assert widths == [256, 395]


def test_one_image_gives_finite_logits_that_depend_on_it():
    module = InformationBottleneck(6, 3, latent_dims=2, hidden_dims=(5,)).eval()
    first, second = module(torch.randn(1, 6)), module(torch.randn(1, 6))
    assert first.representation.shape == (1, 4) and first.logits.shape == (1, 3)
    assert first.logits.isfinite().all()
    assert not torch.equal(first.representation, second.representation)
    assert module.train()(torch.randn(1, 6)).logits.isfinite().all()
