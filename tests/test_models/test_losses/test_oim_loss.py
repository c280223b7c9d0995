"""OIM against the public implementation, loops and by hand."""

import math

import pytest
import torch
import torch.nn.functional as F

from mmpsearch.models.losses.oim_loss import OIMLoss, oim_logits, update_rounds
from tests.test_models.golden import golden_tensors

UNKNOWN = 8  # label of a person without identity in the golden file


def golden_loss(expected, moment="before"):
    loss = OIMLoss(8, 32, queue_size=6)
    if moment is not None:
        loss.lookup_table.copy_(expected[f"lut_{moment}"])
        loss.circular_queue.copy_(expected[f"cq_{moment}"])
        loss.queue_head.copy_(expected[f"header_{moment}"])
    return loss


def person_ids(expected):
    return torch.where(expected["label"] == UNKNOWN, -1, expected["label"])


def test_two_calls_equal_the_public_ones():
    expected = golden_tensors("oim_alone")
    loss, ids = golden_loss(expected), person_ids(expected)
    x = expected["x"].requires_grad_()
    value = loss(x, ids)
    value.backward()
    torch.testing.assert_close(value.detach(), expected["loss"])
    torch.testing.assert_close(x.grad, expected["grad"], rtol=1e-4, atol=1e-6)
    for call in ("", "2"):
        torch.testing.assert_close(loss.lookup_table, expected[f"lut_after{call}"])
        torch.testing.assert_close(loss.circular_queue, expected[f"cq_after{call}"])
        assert loss.queue_head == expected[f"header_after{call}"]
        if not call:
            value = loss(x, ids)
            torch.testing.assert_close(
                value.detach(), expected["loss_second_call"], rtol=1e-4, atol=1e-6
            )


def test_empty_tables_give_no_loss():
    expected = golden_tensors("oim_alone")
    value = golden_loss(expected, None)(expected["x"], person_ids(expected))
    torch.testing.assert_close(value, expected["loss_empty_tables"], rtol=0, atol=1e-6)


def test_logits_by_hand():
    x = torch.eye(3)[:2]
    table = torch.tensor([[0.6, 0.8, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    queue = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    logits = oim_logits(x, torch.tensor([1, -1]), table, queue, scale=10.0)
    # own row never written: +1; other rows never written: -1
    expected = [[6.0, 10.0, -10.0, 0.0, -10.0], [8.0, -10.0, -10.0, 10.0, -10.0]]
    torch.testing.assert_close(logits, torch.tensor(expected))


def test_the_mean_is_over_all_samples_or_over_the_labelled_ones():
    table = torch.eye(2)
    x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    ids = torch.tensor([0, 0, -1])
    total = math.log(1 + math.exp(-1)) + math.log(1 + math.exp(1))
    for mean_over_labelled, count in ((False, 3), (True, 2)):
        loss = OIMLoss(2, 2, 0, 1.0, mean_over_labelled=mean_over_labelled)
        loss.lookup_table.copy_(table)
        assert loss(x, ids) == pytest.approx(total / count)


def sequential_update(table, queue, head, embeddings, ids, momentum):
    """One sample after the other, in float64."""
    table, queue = table.double().clone(), queue.double().clone()
    for x, person in zip(embeddings.double(), ids.tolist(), strict=True):
        if person >= 0:
            table[person] = momentum * table[person] + (1 - momentum) * x
            table[person] /= table[person].norm()
        elif len(queue):
            queue[head] = x
            head = (head + 1) % len(queue)
    return table, queue, head


@pytest.mark.parametrize("queue_size", [0, 1, 5, 40])
@pytest.mark.parametrize("kind", ["mixed", "one person", "strangers", "each once"])
def test_rounds_equal_a_sequential_update(queue_size, kind):
    generator = torch.Generator().manual_seed(queue_size)
    loss = OIMLoss(6, 8, queue_size, momentum=0.7)
    expected = (torch.zeros(6, 8), torch.zeros(queue_size, 8), 0)
    for _ in range(3):
        x = F.normalize(torch.randn(24, 8, generator=generator), dim=1)
        ids = {
            "mixed": torch.randint(-1, 6, (24,), generator=generator),
            "one person": torch.full((24,), 4),
            "strangers": torch.full((24,), -1),
            "each once": torch.arange(24) % 6,
        }[kind]
        ids = ids[:6] if kind == "each once" else ids
        loss(x[: len(ids)], ids)
        expected = sequential_update(*expected, x[: len(ids)], ids, 0.7)
        table, queue, head = expected
        torch.testing.assert_close(loss.lookup_table.double(), table, rtol=0, atol=1e-6)
        torch.testing.assert_close(
            loss.circular_queue.double(), queue, rtol=0, atol=1e-6
        )
        assert int(loss.queue_head) == head


def test_rounds_by_hand():
    ids = torch.tensor([3, -1, 1, 3, 3, 1, -1, 0])
    order, sizes = update_rounds(ids)
    assert order.tolist() == [7, 2, 0, 5, 3, 4]  # 0 1 3 | 1 3 | 3
    assert sizes == [3, 2, 1]
    for nobody in (ids[:0], torch.tensor([-1, -1])):
        order, sizes = update_rounds(nobody)
        assert (order.tolist(), sizes) == ([], [])


def test_rounds_do_not_grow_with_the_batch():
    ids = torch.arange(500).repeat_interleave(3)
    assert update_rounds(ids)[1] == [500, 500, 500]


def test_permutation_of_different_people():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(6, 8, generator=generator)
    ids = torch.tensor([4, 0, 2, 5, 1, 3])
    order = torch.randperm(6, generator=generator)
    values, tables = [], []
    for index in (torch.arange(6), order):
        loss = OIMLoss(6, 8, 4)
        loss.lookup_table.copy_(F.normalize(torch.eye(6, 8) + 0.1, dim=1))
        values.append(loss(x[index], ids[index]))
        tables.append(loss.lookup_table)
    torch.testing.assert_close(*values)
    torch.testing.assert_close(*tables)


def test_length_does_not_matter():
    x = torch.randn(5, 8)
    first, second = OIMLoss(3, 8, 4), OIMLoss(3, 8, 4)
    ids = torch.tensor([0, 1, -1, 2, 1])
    for scale in (1.0, 7.0):
        torch.testing.assert_close(first(x, ids), second(x * scale, ids))
    torch.testing.assert_close(first.lookup_table, second.lookup_table)


@pytest.mark.parametrize("ids", [[], [-1], [-1, -1, -1]])
@pytest.mark.parametrize("filled", [False, True])
def test_without_labels_the_loss_is_zero(ids, filled):
    loss = OIMLoss(3, 4, 5)
    if filled:
        loss.lookup_table.fill_(0.5)
        loss.circular_queue.fill_(0.5)
    x = torch.randn(len(ids), 4, requires_grad=True)
    value = loss(x, torch.tensor(ids, dtype=torch.int64))
    assert value == 0
    value.backward()
    assert x.grad.shape == x.shape and (x.grad == 0).all()


def test_a_zero_embedding_gives_a_finite_gradient():
    x = torch.zeros(2, 4, requires_grad=True)
    loss = OIMLoss(3, 4, 5)
    value = loss(x, torch.tensor([0, -1]))
    value.backward()
    assert value.isfinite() and x.grad.isfinite().all()
    assert loss.lookup_table.isfinite().all()


def test_two_batches_before_one_backward():
    """The tables change in place, the first graph must not notice."""
    torch.manual_seed(0)
    x, ids = torch.randn(6, 4), torch.tensor([0, 1, -1, 2, 1, -1])
    gradients = []
    for accumulate in (False, True):
        loss = OIMLoss(3, 4, 5)
        loss.lookup_table.copy_(torch.eye(3, 4))
        given = x.clone().requires_grad_()
        values = [loss(given, ids)]
        if accumulate:
            values.append(loss(given.detach(), ids))
        values[0].backward()
        gradients.append(given.grad)
    assert torch.equal(*gradients)


def test_foreign_identities_are_refused():
    loss = OIMLoss(3, 4, 5)
    with pytest.raises(ValueError, match=r"person id 3 .* 3 rows.*num_identities"):
        loss(torch.randn(2, 4), torch.tensor([0, 3]))
    assert loss.lookup_table.abs().max() == 0  # nothing was written


def test_write_position_is_part_of_the_checkpoint():
    loss = OIMLoss(2, 4, 5)
    loss(torch.randn(7, 4), torch.full((7,), -1))
    restored = OIMLoss(2, 4, 5)
    restored.load_state_dict(loss.state_dict())
    x = torch.randn(2, 4)
    for each in (loss, restored):
        each(x, torch.tensor([-1, -1]))
    assert torch.equal(loss.circular_queue, restored.circular_queue)
    assert int(restored.queue_head) == 4


def test_autocast_changes_nothing():
    x, ids = torch.randn(9, 16).bfloat16(), torch.tensor([0, 1, 2, -1, 0, 1, 2, 2, -1])
    plain, mixed = OIMLoss(3, 16, 4), OIMLoss(3, 16, 4)
    for _ in range(2):
        expected = plain(x.float(), ids)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            value = mixed(x, ids)
        assert value.dtype == torch.float32
        assert torch.equal(value, expected)
        assert torch.equal(mixed.lookup_table, plain.lookup_table)


def test_empty_rows_at_zero_as_the_paper_reads():
    """Its tables start at zero: an identity never seen has logit 0."""
    table, queue = torch.tensor([[1.0, 0.0], [0.0, 0.0]]), torch.zeros(1, 2)
    x = torch.tensor([[0.6, 0.8], [0.6, 0.8]])
    ids = torch.tensor([0, 1])
    logits = oim_logits(x, ids, table, queue, 10.0, opposite_when_empty=False)
    torch.testing.assert_close(logits, torch.tensor([[6.0, 0.0, 0.0]] * 2))
    loss = OIMLoss(2, 2, 1, 10.0, mean_over_labelled=True, opposite_when_empty=False)
    loss.lookup_table.copy_(table)
    value = loss(x, ids)
    expected = F.cross_entropy(torch.tensor([[6.0, 0.0, 0.0]] * 2), ids)
    torch.testing.assert_close(value, expected)
