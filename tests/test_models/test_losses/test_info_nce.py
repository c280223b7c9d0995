import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from mmpsearch.models.losses import info_nce, multi_positive_nce
from mmpsearch.models.losses.info_nce import ENTRIES, FORMS
from mmpsearch.models.selfsup.partition import mirror_index
from tests.test_models.reid_golden import golden_arrays

GOLDEN = golden_arrays("up_reid_losses")
TAU = float(GOLDEN["T"])


def directions(*shape, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(*shape, generator=generator).to(dtype), dim=-1)


def spelled_out(q, positives, queue, tau, mode):
    """The definition, query by query, with all numbers alive."""
    losses = []
    for row, query in enumerate(q):
        p = torch.stack([(query @ k[row] / tau).exp() for k in positives])
        n = (queue @ query / tau).exp().sum()
        losses.append(
            {
                "inside": lambda p=p, n=n: -(p.sum() / (p.sum() + n)).log(),
                "outside": lambda p=p, n=n: -(p / (p + n)).log().mean(),
                "outside_joint": lambda p=p, n=n: -(p / (p.sum() + n)).log().mean(),
            }[mode]()
        )
    return torch.stack(losses).mean()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_our_reading_of_the_equations(dtype):
    q, k, queues = (GOLDEN[name].to(dtype) for name in ("q", "k", "queues"))
    close = dict(atol=1e-5, rtol=1e-5, check_dtype=False)
    assert_close(info_nce(q[0], k[0], queues[0], TAU), GOLDEN["loss_global"], **close)
    mirror = mirror_index(4, 2)
    assert torch.equal(mirror + 1, GOLDEN["sym_index"])
    for place in range(8):
        own, other = k[1 + place], k[1 + mirror[place]]
        args = queues[1 + place], TAU
        for key, name in ((own, "same"), (other, "sym")):
            found = info_nce(q[1 + place], key, *args)
            assert_close(found, GOLDEN[f"loss_patch_{name}"][place], **close)
        for mode in FORMS:
            found = multi_positive_nce(q[1 + place], [other, own], *args, mode)
            assert_close(found, GOLDEN[f"loss_patch_hm_{mode}"][place], **close)


@pytest.mark.parametrize("mode", FORMS)
@pytest.mark.parametrize("number", [1, 3])
def test_value_and_gradient(mode, number):
    q = directions(5, 6).requires_grad_()
    positives = [directions(5, 6, seed=1 + i) for i in range(number)]
    queue = directions(11, 6, seed=9)
    want = spelled_out(q, positives, queue, 0.2, mode)
    (gradient,) = torch.autograd.grad(want, q)
    loss = multi_positive_nce(q, positives, queue, 0.2, mode)
    assert_close(loss, want)
    (3 * loss).backward()
    assert_close(q.grad, 3 * gradient)


def test_a_queue_of_several_pieces():
    q = directions(3, 4).requires_grad_()
    k, queue = directions(3, 4, seed=1), directions(2 * ENTRIES + 5, 4, seed=2)
    queue[0] = q[0].detach()  # the nearest lies in the first piece
    want = F.cross_entropy(
        torch.cat([(q * k).sum(1, keepdim=True), q @ queue.T], dim=1) / 0.05,
        torch.zeros(3, dtype=torch.int64),
    )
    (gradient,) = torch.autograd.grad(want, q)
    loss = info_nce(q, k, queue, 0.05)
    loss.backward()
    assert_close(loss, want)
    assert_close(q.grad, gradient)


def test_one_positive_is_the_same_in_every_form():
    q, k, queue = directions(4, 6), directions(4, 6, seed=1), directions(9, 6, seed=2)
    values = [multi_positive_nce(q, [k], queue, 0.1, mode) for mode in FORMS]
    assert_close(values[0], values[1])
    assert_close(values[0], values[2])


def test_order_of_positives_and_entries_is_of_no_account():
    q, queue = directions(4, 6), directions(9, 6, seed=2)
    pair = [directions(4, 6, seed=1), directions(4, 6, seed=3)]
    for mode in FORMS:
        one = multi_positive_nce(q, pair, queue, 0.1, mode)
        other = multi_positive_nce(q, pair[::-1], queue.flip(0), 0.1, mode)
        assert_close(one, other)


def test_inside_is_content_with_the_easy_positive_and_outside_is_not():
    q = directions(6, 8)
    easy, hard = q.clone(), -q
    queue = directions(20, 8, seed=4)
    inside = multi_positive_nce(q, [easy, hard], queue, 0.1)
    outside = multi_positive_nce(q, [easy, hard], queue, 0.1, "outside")
    assert_close(inside, info_nce(q, easy, queue, 0.1), atol=1e-6, rtol=1e-5)
    assert outside > inside + 5


def test_only_queries_get_a_gradient():
    q, k, queue = (directions(*s).requires_grad_() for s in ((3, 4), (3, 4), (7, 4)))
    info_nce(q, k, queue, 0.1).backward()
    assert q.grad.abs().max() > 0 and k.grad is None and queue.grad is None


def test_the_queue_may_change_before_the_backward_pass():
    q, k, queue = directions(3, 4), directions(3, 4, seed=1), directions(7, 4, seed=2)
    gradients = []
    for change in (False, True):
        query, entries = q.clone().requires_grad_(), queue.clone()
        loss = info_nce(query, k, entries, 0.1)
        if change:
            entries.normal_()
        loss.backward()
        gradients.append(query.grad)
    assert torch.equal(*gradients)


def test_gradient_against_differences():
    q, k, queue = directions(2, 3), directions(2, 3, seed=1), directions(5, 3, seed=2)
    for mode in FORMS:
        assert torch.autograd.gradcheck(
            lambda x, mode=mode: multi_positive_nce(
                x, [k, k.flip(0)], queue, 0.3, mode
            ),
            q.requires_grad_(),
        )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_single(dtype):
    q = directions(4, 8, dtype=dtype)
    k, queue = directions(4, 8, seed=1, dtype=dtype), directions(9, 8, seed=2).to(dtype)
    want = info_nce(q.float(), k.float(), queue.float(), 0.1)
    query = q.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        loss = info_nce(query, k, queue, 0.1)
    assert loss.dtype == torch.float32
    assert torch.equal(loss, want)
    loss.backward()
    assert query.grad.dtype == dtype and query.grad.isfinite().all()


def test_small_inputs():
    q, k, queue = directions(1, 4), directions(1, 4, seed=1), directions(1, 4, seed=2)
    want = F.softplus((q[0] @ queue[0] - q[0] @ k[0]) / 0.1)
    assert_close(info_nce(q, k, queue, 0.1), want)
    nothing = directions(0, 4).requires_grad_()
    loss = info_nce(nothing, directions(0, 4), queue, 0.1)
    loss.backward()
    assert loss == 0 and nothing.grad.shape == (0, 4)
    alone = q.clone().requires_grad_()
    loss = info_nce(alone, k, queue[:0], 0.1)  # no negative
    loss.backward()
    assert loss == 0 and not alone.grad.any()


def test_extreme_similarities_stay_finite():
    q = directions(3, 4, dtype=torch.float32).requires_grad_()
    loss = info_nce(q, -q, q.detach().repeat(5, 1), 1e-3)
    loss.backward()
    assert 1900 < loss < 2100 and q.grad.isfinite().all()


def test_wrong_settings():
    q = directions(2, 3)
    with pytest.raises(ValueError, match="mode must be one of inside, outside"):
        multi_positive_nce(q, [q], q, 0.1, "mean")
    with pytest.raises(ValueError, match="at least one positive"):
        multi_positive_nce(q, [], q, 0.1)


def test_what_would_broadcast_is_refused():
    q, queue = F.normalize(torch.randn(5, 6), dim=1), torch.randn(7, 6)
    for key in (q[:1], q[0], q[:, :1]):
        with pytest.raises(ValueError, match=r"must be \(N, D\) .* got \(5, 6\) and"):
            info_nce(q, key, queue, 0.1)
    with pytest.raises(ValueError, match="tau must be above 0, got -0.1"):
        info_nce(q, q, queue, -0.1)


def test_second_derivatives_are_refused():
    q = F.normalize(torch.randn(3, 4), dim=1).requires_grad_()
    loss = info_nce(q, q.detach(), torch.randn(5, 4), 0.1)
    (gradient,) = torch.autograd.grad(loss, q, create_graph=True)
    with pytest.raises(RuntimeError, match="differentiate twice"):
        gradient.sum().backward()
