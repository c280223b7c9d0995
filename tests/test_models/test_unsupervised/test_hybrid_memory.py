"""Losses and updates by hand; two ranks against one process."""

import math

import pytest
import torch
import torch.nn.functional as F

from mmpsearch.models.unsupervised.hybrid_memory import (
    HybridMemory,
    class_centroids,
    momentum_update,
    unified_contrastive_loss,
)
from tests.distributed import run_two_ranks


def unit(*shape, seed=0, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(*shape, generator=generator, dtype=dtype), dim=-1)


def make_memory(num_source=2, num_target=6, dims=4):
    memory = HybridMemory(temperature=0.1, momentum=0.2)
    memory.fill(unit(num_source, dims, seed=1), unit(num_target, dims, seed=2))
    memory.set_target_classes(torch.tensor([0, 0, 1, 1, 1, 2])[:num_target])
    return memory


def test_centroids_by_hand():
    features = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    found = class_centroids(features, torch.tensor([1, 0, 1]))
    assert torch.allclose(found, torch.tensor([[0.0, 1.0], [0.8, 0.4]]))


def test_loss_by_hand():
    """Cosines 0.6 and 0.8 with the first, 0 and 1 with the second centroid."""
    embeddings = torch.tensor([[0.6, 0.8], [0.0, 1.0]])
    centroids = torch.eye(2)
    found = unified_contrastive_loss(embeddings, centroids, torch.tensor([0, 1]), 0.5)
    first = -math.log(math.exp(1.2) / (math.exp(1.2) + math.exp(1.6)))
    second = -math.log(math.exp(2.0) / (math.exp(2.0) + math.exp(0.0)))
    assert found.item() == pytest.approx((first + second) / 2, abs=1e-6)


def test_a_perfect_cluster_costs_nothing_and_scale_is_the_temperature():
    embeddings, centroids = unit(3, 5), unit(4, 5, seed=1)
    classes = torch.tensor([0, 3, 1])
    plain = unified_contrastive_loss(embeddings, centroids, classes, 0.05)
    scaled = unified_contrastive_loss(embeddings, 20 * centroids, classes, 1.0)
    assert torch.allclose(plain, scaled)
    alone = unified_contrastive_loss(embeddings, centroids[:1], classes * 0)
    assert alone.item() == 0


def test_gradient():
    embeddings = unit(4, 3, dtype=torch.float64).requires_grad_()
    centroids = unit(3, 3, seed=1, dtype=torch.float64)
    classes = torch.tensor([0, 2, 1, 2])
    assert torch.autograd.gradcheck(
        lambda x: unified_contrastive_loss(x, centroids, classes, 0.3), embeddings
    )


def test_an_empty_batch_gives_a_connected_zero():
    embeddings = torch.zeros(0, 3, requires_grad=True)
    loss = unified_contrastive_loss(embeddings, torch.eye(3), torch.zeros(0).long())
    loss.backward()
    assert loss.item() == 0


def test_autocast_changes_nothing():
    embeddings, centroids = unit(4, 8), unit(5, 8, seed=1)
    classes = torch.tensor([0, 1, 2, 4])
    expected = unified_contrastive_loss(embeddings, centroids, classes)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = unified_contrastive_loss(embeddings, centroids, classes)
    assert found.dtype == torch.float32 and torch.equal(found, expected)


def test_update_by_hand():
    """Row 1 moves to the mean of two embeddings, row 0 and 2 stay."""
    features = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    batch = torch.tensor([[0.0, 1.0], [0.6, 0.8]])
    momentum_update(features, batch, torch.tensor([1, 1]), momentum=0.2)
    moved = torch.tensor([0.2 + 0.8 * 0.3, 0.8 * 0.9])
    expected = torch.stack([features[0], moved / moved.norm(), features[2]])
    assert torch.allclose(features, expected)


def test_update_does_not_depend_on_the_order():
    rows = torch.tensor([3, 0, 3, 1, 3])
    batch, order = unit(5, 4), torch.tensor([4, 2, 0, 3, 1])
    first, second = unit(4, 4, seed=1), unit(4, 4, seed=1)
    momentum_update(first, batch, rows, 0.2)
    momentum_update(second, batch[order], rows[order], 0.2)
    assert torch.allclose(first, second, atol=1e-7)


def test_source_and_target_share_one_contrast():
    memory = make_memory()
    embeddings, rows = unit(4, 4), torch.tensor([1, 0, 3, 7])
    losses = memory.loss(embeddings, rows)
    centroids = torch.stack(
        [
            *memory.features[:2],
            memory.features[2:4].mean(dim=0),
            memory.features[4:7].mean(dim=0),
            memory.features[7],
        ]
    )
    logits = embeddings @ centroids.T / 0.1
    each = F.cross_entropy(logits, torch.tensor([1, 0, 2, 4]), reduction="none")
    assert torch.allclose(losses["loss_source"], each[:2].mean())
    assert torch.allclose(losses["loss_target"], each[2:].mean())


def test_without_a_source_there_is_one_loss():
    memory = make_memory(num_source=0)
    assert memory.loss(unit(2, 4), torch.tensor([0, 5])).keys() == {"loss_target"}


def test_two_batches_before_one_backward():
    """The memory changes in place; the graph of the loss must not notice."""
    gradients = []
    for update in (False, True):
        memory, embeddings = make_memory(), unit(3, 4).requires_grad_()
        rows = torch.tensor([2, 3, 7])
        losses = memory.loss(embeddings, rows)
        if update:
            memory.update(embeddings, rows)
        losses["loss_target"].backward()
        gradients.append(embeddings.grad)
    assert torch.equal(*gradients)


def test_a_checkpoint_brings_its_size():
    saved = make_memory()
    saved.least_independence.fill_(0.75)
    fresh = HybridMemory()
    assert not fresh.is_filled
    fresh.load_state_dict(saved.state_dict())
    assert fresh.num_source == 2 and fresh.least_independence == 0.75
    assert torch.equal(fresh.features, saved.features)
    assert torch.equal(fresh.labels, torch.tensor([0, 1, 2, 2, 3, 3, 3, 4]))


BATCH = unit(8, 4, seed=3)
ROWS = torch.tensor([2, 2, 0, 1, 2, 5, 7, 4])


def train(rank, ranks=2):
    """Loss, gradient, and memory of this rank's part of the batch."""
    memory = make_memory()
    part = slice(rank, None, ranks)
    embeddings = BATCH[part].clone().requires_grad_()
    losses = memory.loss(embeddings, ROWS[part])
    losses["loss_target"].backward()
    memory.update(embeddings, ROWS[part])
    return losses["loss_target"].detach(), embeddings.grad, memory.features


def test_two_ranks_equal_one_process():
    """Three pictures of the target each: the mean of the means is the mean."""
    loss, gradient, features = train(0, ranks=1)
    found = run_two_ranks(train)
    assert torch.equal(found[0][2], found[1][2])
    assert torch.allclose(found[0][2], features, atol=1e-6)
    assert torch.allclose((found[0][0] + found[1][0]) / 2, loss, atol=1e-6)
    merged = torch.stack([found[0][1], found[1][1]], dim=1).flatten(0, 1) / 2
    assert torch.allclose(merged, gradient, atol=1e-6)


@pytest.mark.parametrize("classes", [[0], [0, 0, 1, 3, 3, 3], [1] * 6])
def test_a_class_for_every_picture_and_none_left_out(classes):
    with pytest.raises(ValueError, match="the 6 target pictures need a class each"):
        make_memory().set_target_classes(torch.tensor(classes))
