"""Two gloo ranks against one process on the same rows."""

import torch
from torch.nn.parallel import DistributedDataParallel

from mmpsearch.utils.distributed import (
    gather_with_gradient,
    gather_without_gradient,
    update_on_all_ranks,
)
from tests.distributed import run_two_ranks

ROWS = torch.arange(15.0).reshape(5, 3).sin()
PARTS = (ROWS[:2], ROWS[2:])  # ragged


def _gather(rank):
    flags = torch.tensor([[True, False], [False, True], [True]][rank : rank + 1][0])
    return dict(
        ragged=gather_without_gradient(PARTS[rank].clone().requires_grad_()),
        integers=gather_without_gradient(torch.arange(rank * 3)),
        flags=gather_without_gradient(flags),
        half=gather_without_gradient(PARTS[rank].half()),
        none=gather_without_gradient(torch.empty(0, 4)),
    )


def test_gather_without_gradient():
    for result in run_two_ranks(_gather):
        assert torch.equal(result["ragged"], ROWS)
        assert not result["ragged"].requires_grad
        assert result["integers"].tolist() == [0, 1, 2]
        assert result["flags"].tolist() == [True, False, False, True]
        assert result["flags"].dtype == torch.bool
        assert torch.equal(result["half"], ROWS.half())
        assert result["none"].shape == (0, 4)


def _model():
    torch.manual_seed(0)
    return torch.nn.Linear(3, 4).double()


def _whole_loss(embeddings):
    """Every pair of rows counts, so that parts cannot be summed up apart."""
    return (embeddings @ embeddings.T).softmax(1).diag().log().mean()


def _own_loss(own, everything, first):
    logits = own @ everything.T
    return torch.nn.functional.cross_entropy(
        logits, torch.arange(first, first + len(own)), reduction="sum"
    )


def _train(rank, kind):
    model = DistributedDataParallel(_model())
    own = model(PARTS[rank].double())
    everything = gather_with_gradient(own)
    if kind == "whole":
        loss = _whole_loss(everything)
    else:  # each rank its own rows; times 2 since DDP averages
        loss = _own_loss(own, everything, 2 * rank) * 2
    loss.backward()
    return [p.grad for p in model.parameters()]


def test_gather_with_gradient_equals_one_process():
    for kind in ("whole", "own"):
        model = _model()
        rows = model(ROWS.double())
        loss = _whole_loss(rows) if kind == "whole" else _own_loss(rows, rows, 0)
        loss.backward()
        for gradients in run_two_ranks(_train, kind):
            for ours, parameter in zip(gradients, model.parameters(), strict=True):
                torch.testing.assert_close(ours, parameter.grad)


def _train_without_rows(rank):
    leaf = ROWS[: 2 * rank].clone().requires_grad_(rank == 1)
    gathered = gather_with_gradient(leaf)
    (gathered * (rank + 1)).sum().backward()
    return gathered.detach(), leaf.grad


def test_a_rank_without_rows_or_gradient_takes_part():
    (first, none), (second, gradient) = run_two_ranks(_train_without_rows)
    assert torch.equal(first, ROWS[:2]) and torch.equal(second, ROWS[:2])
    assert none is None
    assert torch.equal(gradient, torch.full((2, 3), 3.0))  # 1 + 2: sum of losses


def _push(queue, pointer, rows):
    for row in rows:
        queue[int(pointer) % len(queue)] = row
        pointer += 1


def _update(rank):
    queue, pointer = torch.zeros(4, 3) + rank, torch.zeros(1, dtype=torch.int64)
    for part in (PARTS[rank], PARTS[1 - rank]):
        update_on_all_ranks(
            (queue, pointer), lambda rows: _push(queue, pointer, rows), part
        )
    return queue, pointer


def test_update_on_all_ranks_equals_one_process():
    queue, pointer = torch.zeros(4, 3), torch.zeros(1, dtype=torch.int64)
    _push(queue, pointer, torch.cat((ROWS, PARTS[1], PARTS[0])))
    for theirs, position in run_two_ranks(_update):
        assert torch.equal(theirs, queue)
        assert torch.equal(position, pointer)


def test_one_process_needs_no_group():
    rows = ROWS.clone().requires_grad_()
    assert torch.equal(gather_without_gradient(rows), ROWS)
    assert gather_with_gradient(rows) is rows
    table = torch.zeros(5, 3)
    update_on_all_ranks([table], table.copy_, rows)
    assert torch.equal(table, ROWS)
