import pytest
import torch

from mmpsearch.models.selfsup.queue_bank import QueueBank, enqueue
from tests.distributed import run_two_ranks


def rows(*values, dims=2):
    return torch.tensor(values, dtype=torch.float32)[:, None].expand(-1, dims)


def slow(queue, ptr, keys):
    """Row by row."""
    for key in keys:
        queue[ptr] = key
        ptr = (ptr + 1) % len(queue)
    return ptr


@pytest.mark.parametrize("size", [1, 5, 8])
@pytest.mark.parametrize("number", [0, 1, 3, 5, 8, 13, 21])
def test_as_row_by_row(size, number):
    for start in range(size):
        queue = torch.zeros(size, 2)
        want = queue.clone()
        keys = rows(*range(1, number + 1)) if number else torch.zeros(0, 2)
        want_ptr = slow(want, start, keys)
        assert enqueue(queue, start, keys) == want_ptr
        assert torch.equal(queue, want)


def test_wrap_around():
    queue = torch.zeros(5, 2)
    ptr = enqueue(queue, 0, rows(1, 2, 3))
    assert ptr == 3
    ptr = enqueue(queue, ptr, rows(4, 5, 6))
    assert ptr == 1 and queue[:, 0].tolist() == [6, 2, 3, 4, 5]


def test_the_published_sizes_do_not_divide():
    queue, ptr = torch.zeros(65_536, 1), 0
    for step in range(83):
        ptr = enqueue(queue, ptr, rows(*[step] * 800, dims=1))
    assert ptr == 83 * 800 % 65_536
    assert queue[ptr - 1] == 82 and queue[ptr] == 1


def test_pointer_as_tensor_and_other_types():
    queue, ptr = torch.zeros(2, 4, 3, dtype=torch.float16), torch.tensor(3)
    keys = torch.arange(12.0).view(2, 2, 3).requires_grad_()
    new = enqueue(queue, ptr, keys)
    assert torch.equal(new, torch.tensor(1)) and int(ptr) == 3
    assert torch.equal(queue[:, 3].float(), keys[:, 0])
    assert torch.equal(queue[:, 0].float(), keys[:, 1])
    assert not queue.requires_grad and not queue[:, 1:3].any()


@pytest.mark.parametrize("shape", [(2, 3), (1, 2, 4), (3, 2, 4)])
def test_keys_that_do_not_fit(shape):
    with pytest.raises(ValueError, match="do not fit into a queue"):
        enqueue(torch.zeros(2, 5, 4), 0, torch.zeros(shape))


def test_a_bank_starts_with_directions_and_is_saved():
    bank = QueueBank(3, 5, 4)
    lengths = torch.linalg.vector_norm(bank.queues, dim=2)
    torch.testing.assert_close(lengths, torch.ones(3, 5))
    bank.push(torch.ones(3, 2, 4))
    assert bank.state_dict().keys() == {"queues", "pointer"}
    assert int(bank.pointer) == 2 and bank.queues[:, :2].eq(1).all()
    other = QueueBank(3, 5, 4)
    other.load_state_dict(bank.state_dict())
    assert torch.equal(other.queues, bank.queues)


def push_parts(rank):
    """Two pushes, this rank's part; the ranks' parts differ in length."""
    torch.manual_seed(0)
    bank, keys = QueueBank(2, 7, 3), torch.arange(60.0).view(2, 10, 3)
    for start in (0, 5):
        ends = {0: (0, 2), 1: (2, 5), None: (0, 5)}[rank]
        bank.push(keys[:, start + ends[0] : start + ends[1]])
    return bank.state_dict()


def test_two_ranks():
    want = push_parts(None)
    for state in run_two_ranks(push_parts):
        for name, value in want.items():
            assert torch.equal(state[name], value)


def test_a_queue_without_entries():
    assert enqueue(torch.zeros(0, 4), 0, torch.ones(3, 4)) == 0
    with pytest.raises(ValueError, match="at least one entry, got queue_size=0"):
        QueueBank(2, 0, 4)
