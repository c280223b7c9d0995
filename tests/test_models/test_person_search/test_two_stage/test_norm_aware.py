"""Norm-aware embeddings."""

import pytest
import torch

from mmpsearch.models.person_search.two_stage.norm_aware import (
    NormAwareEmbedding,
    PixelWiseEmbedding,
    cell_coverage,
    pixel_wise_loss,
)


def test_directions_are_unit_and_logits_standardised_lengths():
    torch.manual_seed(0)
    module = NormAwareEmbedding((3, 4), 6)
    for projection in module.projections:
        torch.nn.init.normal_(projection[1].weight)
    before, after = torch.randn(10, 3, 4, 2), torch.randn(10, 4, 2, 1)
    embeddings, logits = module(before, after)
    torch.testing.assert_close(embeddings.norm(dim=1), torch.ones(10))
    halves = [
        p(x.flatten(2).max(dim=2).values)
        for p, x in zip(module.projections, (before, after), strict=True)
    ]
    length = torch.cat(halves, dim=1).norm(dim=1)
    expected = (length - length.mean()) / length.std(unbiased=False)
    torch.testing.assert_close(logits, expected, atol=1e-3, rtol=1e-3)


def test_pixel_wise_embedding_by_a_loop():
    torch.manual_seed(0)
    module = PixelWiseEmbedding((3, 4), 6).eval()
    for projection in module.projections:
        torch.nn.init.normal_(projection[1].weight)
    before, after = torch.randn(2, 3, 4, 2), torch.randn(2, 4, 4, 2)
    embeddings, logits = module(before, after)
    for n in range(2):
        total = torch.zeros(6)
        for y in range(4):
            for x in range(2):
                parts = [
                    p(value[n : n + 1, :, y : y + 1, x : x + 1]).flatten()
                    for p, value in zip(
                        module.projections, (before, after), strict=True
                    )
                ]
                vector = torch.cat(parts)
                logit = module.rescale(vector.norm().view(1, 1, 1, 1)).squeeze()
                torch.testing.assert_close(logits[n, y, x], logit)
                total += vector / vector.norm() * logit.sigmoid()
        torch.testing.assert_close(embeddings[n], total / 8)


@pytest.mark.parametrize("kind", [NormAwareEmbedding, PixelWiseEmbedding])
def test_without_regions(kind):
    module = kind((3, 4), 6).train()
    embeddings, logits = module(torch.zeros(0, 3, 4, 2), torch.zeros(0, 4, 2, 1))
    assert embeddings.shape == (0, 6) and len(logits) == 0


def test_coverage_by_hand():
    boxes = torch.tensor([[0.0, 0.0, 20.0, 40.0], [0.0, 0.0, 20.0, 40.0]])
    targets = torch.tensor([[5.0, 10.0, 50.0, 40.0], [30.0, 0.0, 40.0, 40.0]])
    covered = cell_coverage(boxes, targets, (2, 2))
    assert covered[0].tolist() == [[0.25, 0.5], [0.5, 1.0]]
    assert covered[1].eq(0).all()


def test_pixel_wise_loss_is_a_mean():
    logits = torch.zeros(3, 2, 2)
    loss = pixel_wise_loss(logits, torch.rand(3, 2, 2))
    torch.testing.assert_close(loss, torch.tensor(2.0).log())
