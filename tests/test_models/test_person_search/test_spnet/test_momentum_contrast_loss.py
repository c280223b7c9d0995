"""Momentum contrast against the public implementation, a loop and by hand."""

import math

import pytest
import torch
import torch.nn.functional as F

from mmpsearch.models.person_search.spnet.momentum_contrast_loss import (
    EMPTY,
    MomentumContrastLoss,
    class_means,
)
from tests.test_models.golden import golden_tensors


def check_queue(loss, expected, call):
    ids = expected[f"label_after{call}"]
    assert torch.equal(loss.queue_ids, ids)
    torch.testing.assert_close(
        loss.queue[ids != EMPTY], expected[f"emb_after{call}"][ids != EMPTY]
    )
    assert loss.queue_head == expected[f"header_after{call}"]


def test_two_calls_equal_the_public_ones():
    expected = golden_tensors("moco_cq_alone")
    loss = MomentumContrastLoss(32, 10)
    loss.queue.copy_(expected["emb_before"])
    loss.queue_ids.copy_(expected["label_before"])
    loss.queue_head.copy_(expected["header_before"])
    x = expected["x"].requires_grad_()
    value = loss(x, None, expected["label"], expected["moco"])
    value.backward()
    torch.testing.assert_close(value.detach(), expected["loss"])
    torch.testing.assert_close(x.grad, expected["grad"], rtol=1e-4, atol=1e-6)
    check_queue(loss, expected, "")
    value = loss(x, None, expected["label2"], expected["moco"])
    torch.testing.assert_close(value.detach(), expected["loss_second_call"])
    check_queue(loss, expected, "2")


def test_an_empty_queue_that_is_fed_the_encoder_itself():
    expected = golden_tensors("moco_cq_alone")
    value = MomentumContrastLoss(32, 10)(
        expected["x"], None, expected["label"], expected["x"]
    )
    torch.testing.assert_close(value, expected["loss_no_moco_empty_queue"])


def test_class_means_are_of_raw_embeddings():
    embeddings = torch.tensor([[3.0, 0.0], [1.0, 0.0], [0.0, 4.0], [0.0, -2.0]])
    means, ids = class_means(embeddings, torch.tensor([5, 2, 5, 9]))
    assert ids.tolist() == [2, 5, 9]
    expected = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]])
    torch.testing.assert_close(means, expected)
    means, ids = class_means(embeddings[:0], torch.zeros(0, dtype=torch.int64))
    assert (means.shape, ids.shape) == ((0, 2), (0,))


def test_loss_by_hand():
    loss = MomentumContrastLoss(2, 4, temperature=0.5)
    loss.queue[0] = torch.tensor([0.0, 1.0])
    loss.queue_ids[0] = 7
    loss.queue_head.fill_(1)
    value = loss(
        torch.tensor([[2.0, 0.0]]), None, torch.tensor([3]), torch.tensor([[5.0, 0.0]])
    )
    # cosine 1 with its own mean, 0 with the queue, the other two rows are empty
    assert value == pytest.approx(math.log(1 + math.exp(-2)))
    assert loss.queue_ids.tolist() == [7, 3, EMPTY, EMPTY]


class LoopQueue:
    """The queue, one person at a time."""

    def __init__(self, size):
        self.rows = [None] * size
        self.head = 0

    def enqueue(self, keys, ids):
        for person in sorted(set(ids.tolist())):
            self.rows = [
                None if row is not None and row[0] == person else row
                for row in self.rows
            ]
            mean = F.normalize(keys[ids == person].mean(dim=0), dim=0)
            self.rows[self.head] = (person, mean)
            self.head = (self.head + 1) % len(self.rows)

    def loss(self, embeddings, ids, temperature):
        rows = [row for row in self.rows if row is not None]
        total = 0.0
        for x, person in zip(F.normalize(embeddings, dim=1), ids.tolist(), strict=True):
            scores = [float(x @ mean) / temperature for _, mean in rows]
            positive = [
                s for s, (i, _) in zip(scores, rows, strict=True) if i == person
            ]
            assert len(positive) == 1
            total += math.log(sum(map(math.exp, scores))) - positive[0]
        return total / len(embeddings)


def test_equals_a_loop_over_many_batches():
    generator = torch.Generator().manual_seed(0)
    loss, oracle = MomentumContrastLoss(6, 11, temperature=0.2), LoopQueue(11)
    for _ in range(8):
        ids = torch.randint(0, 15, (9,), generator=generator)
        x, keys = torch.randn(2, 9, 6, generator=generator)
        oracle.enqueue(keys, ids)
        expected = oracle.loss(x, ids, 0.2)
        assert loss(x, None, ids, keys) == pytest.approx(expected, rel=1e-4)
        persons = [EMPTY if row is None else row[0] for row in oracle.rows]
        assert loss.queue_ids.tolist() == persons


def test_order_of_the_boxes_does_not_matter():
    generator = torch.Generator().manual_seed(1)
    x, keys = torch.randn(2, 8, 4, generator=generator)
    ids = torch.tensor([4, 4, 1, 9, 1, 4, 0, 9])
    order = torch.randperm(8, generator=generator)
    first, second = MomentumContrastLoss(4, 6), MomentumContrastLoss(4, 6)
    torch.testing.assert_close(
        first(x, None, ids, keys), second(x[order], None, ids[order], keys[order])
    )
    torch.testing.assert_close(first.queue, second.queue)


def test_gradient_only_reaches_the_encoder():
    x, keys = torch.randn(2, 5, 4)
    x.requires_grad_(), keys.requires_grad_()
    ids = torch.tensor([0, 0, 1, 2, 2])
    MomentumContrastLoss(4, 6)(x, None, ids, keys).backward()
    assert x.grad.abs().max() > 0
    assert keys.grad is None


def test_one_person_alone_learns_nothing():
    x = torch.randn(3, 4, requires_grad=True)
    loss = MomentumContrastLoss(4, 6)
    value = loss(x, None, torch.tensor([5, 5, 5]), x.detach())
    assert value.abs() < 1e-6
    value.backward()
    assert x.grad.abs().max() < 1e-6


@pytest.mark.parametrize("filled", [False, True])
def test_no_box_gives_zero(filled):
    loss = MomentumContrastLoss(4, 6)
    if filled:
        loss(torch.randn(3, 4), None, torch.tensor([1, 2, 3]), torch.randn(3, 4))
    before = loss.queue_ids.clone()
    x = torch.randn(0, 4, requires_grad=True)
    value = loss(x, None, torch.zeros(0, dtype=torch.int64), torch.randn(0, 4))
    assert value == 0
    value.backward()
    assert x.grad.shape == (0, 4)
    assert torch.equal(loss.queue_ids, before)


def test_zero_embeddings_stay_finite():
    x = torch.zeros(2, 4, requires_grad=True)
    value = MomentumContrastLoss(4, 6)(x, None, torch.tensor([0, 1]), torch.zeros(2, 4))
    value.backward()
    assert value.isfinite() and x.grad.isfinite().all()


def test_two_batches_before_one_backward():
    """The queue changes in place, the first graph must not notice."""
    torch.manual_seed(0)
    x, keys = torch.randn(2, 4, 8)
    ids = torch.tensor([0, 1, 2, 3])
    gradients = []
    for accumulate in (False, True):
        loss = MomentumContrastLoss(8, 4)
        given = x.clone().requires_grad_()
        value = loss(given, None, ids, keys)
        if accumulate:
            loss(x, None, ids + 10, keys + 1)
        value.backward()
        gradients.append(given.grad)
    assert torch.equal(*gradients)


def test_a_queue_smaller_than_the_batch_is_refused():
    with pytest.raises(ValueError, match="3 persons .* queue of 2.*queue_size"):
        MomentumContrastLoss(4, 2)(
            torch.randn(3, 4), None, torch.arange(3), torch.randn(3, 4)
        )


def test_a_queue_as_large_as_the_batch_is_not():
    loss = MomentumContrastLoss(4, 3)
    for start in (0, 1, 7):
        ids = torch.arange(start, start + 3)
        value = loss(torch.randn(3, 4), None, ids, torch.randn(3, 4))
        assert value.isfinite()
        assert loss.queue_ids.sort().values.tolist() == ids.tolist()


def test_autocast_changes_nothing():
    x, keys = torch.randn(2, 6, 16).bfloat16()
    ids = torch.tensor([0, 1, 2, 0, 1, 5])
    plain, mixed = MomentumContrastLoss(16, 8), MomentumContrastLoss(16, 8)
    expected = plain(x.float(), None, ids, keys.float())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = mixed(x, None, ids, keys)
    assert value.dtype == torch.float32
    assert torch.equal(value, expected)
    assert torch.equal(mixed.queue, plain.queue)


def test_papers_mean_takes_predicted_boxes_alone():
    loss = MomentumContrastLoss(embed_dims=2, queue_size=4, ground_truth_in_mean=False)
    keys = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    ids = torch.tensor([5, 5, 7])  # person 7 has a ground-truth box only
    predicted = torch.tensor([True, False, False])
    value = loss(keys, None, ids, keys, predicted)
    assert torch.equal(loss.queue_ids[:2], torch.tensor([5, 7]))
    assert torch.allclose(loss.queue[:2], torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    logits = torch.tensor([[10.0, 0.0], [0.0, 10.0], [0.0, 10.0]])
    expected = torch.nn.functional.cross_entropy(logits, torch.tensor([0, 0, 1]))
    assert torch.allclose(value, expected)
