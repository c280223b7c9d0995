import math

import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.selfsup.cycle_contrastive_loss import (
    CycleContrastiveLoss,
    cycle_vectors,
    share_found_in_pair,
)
from tests.distributed import run_two_ranks

OPTIONS = [
    dict(),
    dict(universal="pair"),
    dict(backward_query="original"),
    dict(temperature=0.2, retrieval_temperature=0.5),
]


def unit(x):
    return x / x.norm()


def soft_neighbour(query, keys, temperature):
    """Equation (5), one key after the other."""
    weights = [math.exp(float(query @ key) / temperature) for key in keys]
    mean = sum(w * key for w, key in zip(weights, keys, strict=True)) / sum(weights)
    return unit(mean)


def slow_loss(
    rgb,
    ir,
    temperature=0.07,
    retrieval_temperature=0.07,
    universal="batch",
    backward_query="retrieved",
):
    """Equations (5) and (6) with loops."""
    means = []
    for own, other in ((rgb, ir), (ir, rgb)):
        home, away = [], []
        for picture in range(len(own)):
            patches = [unit(p) for p in own[picture]]
            where = other if universal == "batch" else other[picture : picture + 1]
            keys = [unit(p) for each in where for p in each]
            for query in patches:
                found = soft_neighbour(query, keys, retrieval_temperature)
                start = found if backward_query == "retrieved" else query
                away.append(found)
                home.append(soft_neighbour(start, patches, retrieval_temperature))
        total = 0.0
        for anchors, partners in ((home, away), (away, home)):
            for k, anchor in enumerate(anchors):
                positive = math.exp(float(anchor @ partners[k]) / temperature)
                others = sum(
                    math.exp(float(anchor @ vector) / temperature)
                    for j in range(len(anchors))
                    if j != k
                    for vector in (anchors[j], partners[j])
                )
                total -= math.log(positive / (positive + others))
        means.append(total / (2 * len(home)))
    return sum(means) / 2


def stripes(seed=0, pictures=3):
    generator = torch.Generator().manual_seed(seed)
    shape = (pictures, 2, 5)
    return (
        torch.randn(shape, generator=generator, dtype=torch.float64),
        torch.randn(shape, generator=generator, dtype=torch.float64),
    )


@pytest.mark.parametrize("options", OPTIONS)
def test_slow_loops(options):
    rgb, ir = stripes()
    loss = CycleContrastiveLoss(**options)(rgb, ir)
    assert loss.item() == pytest.approx(slow_loss(rgb, ir, **options), rel=1e-9)


def test_chance_level_and_scale():
    same = torch.ones(4, 6, 3)
    chance = CycleContrastiveLoss()(same, same).item()
    assert chance == pytest.approx(math.log(2 * 24 - 1))
    rgb, ir = stripes()
    loss = CycleContrastiveLoss()
    assert_close(loss(rgb, ir), loss(5 * rgb, 0.1 * ir))
    assert_close(loss(rgb, ir), loss(ir, rgb))


def test_stripes_that_agree_come_home():
    rgb = torch.eye(6).expand(2, 6, 6)
    home, away = cycle_vectors(rgb, rgb.flip(1), 0.01)
    assert_close(home, rgb.flatten(0, 1))
    assert_close(away, rgb.flatten(0, 1))


def test_mixed_precision_does_not_round():
    rgb, ir = (x.float() for x in stripes())
    with torch.autocast("cpu", torch.bfloat16):
        rounded = CycleContrastiveLoss()(rgb, ir)
    assert_close(rounded, CycleContrastiveLoss()(rgb, ir))


def test_order_of_pairs_does_not_matter():
    rgb, ir = stripes()
    order = torch.tensor([2, 0, 1])
    for options in OPTIONS:
        loss = CycleContrastiveLoss(**options)
        assert_close(loss(rgb[order], ir[order]), loss(rgb, ir))


def test_gradients_reach_both_and_stay_finite():
    rgb, ir = (x.float().requires_grad_() for x in stripes())
    CycleContrastiveLoss(0.001, 0.001)(rgb, ir).backward()
    for x in (rgb, ir):
        assert x.grad.isfinite().all() and x.grad.abs().sum() > 0
    empty = torch.zeros(0, 6, 4, requires_grad=True)
    value = CycleContrastiveLoss()(empty, empty)
    value.backward()
    assert value == 0


@pytest.mark.parametrize("wrong", [dict(universal="all"), dict(backward_query="no")])
def test_wrong_settings(wrong):
    with pytest.raises(ValueError, match="must be"):
        CycleContrastiveLoss(**wrong)


def on_rank(rank, first):
    own = slice(None, first) if rank == 0 else slice(first, None)
    rgb, ir = (x[own].clone().requires_grad_() for x in stripes(pictures=4))
    loss = CycleContrastiveLoss()(rgb, ir)
    loss.backward()
    return loss.item(), rgb.grad, ir.grad


def test_two_ranks_equal_one_process():
    rgb, ir = (x.requires_grad_() for x in stripes(pictures=4))
    whole = CycleContrastiveLoss()(rgb, ir)
    whole.backward()
    ranks = run_two_ranks(on_rank, 1)
    for loss, _, _ in ranks:
        assert loss == pytest.approx(whole.item())
    for place, x in ((1, rgb), (2, ir)):
        assert_close(torch.cat([each[place] for each in ranks]) / 2, x.grad)


def test_share_found_in_pair_by_hand():
    e = torch.eye(4)
    rgb = torch.stack((torch.stack((e[0], e[1])), torch.stack((e[2], e[3]))))
    same = share_found_in_pair(rgb, 2 * rgb.flip(1))  # other places, same pictures
    assert same == 1
    assert share_found_in_pair(rgb, rgb.flip(0)) == 0
    # picture 1 of the other modality shows e0 once: rgb's e0 finds it there, and it
    # finds rgb's picture 0; everything else is found in its own pair
    ir = torch.stack((torch.stack((e[1], e[1])), torch.stack((e[0], e[3]))))
    # rgb: e0 -> 1, e1 -> 0 (own), e2 -> a tie of zeros: the first (0), e3 -> 1 (own)
    # ir: e1, e1 -> 0 (own, own), e0 -> 0, e3 -> 1 (own)
    assert share_found_in_pair(rgb, ir) == pytest.approx(5 / 8)


def test_share_found_in_pair_is_chance_for_noise():
    torch.manual_seed(0)
    rgb, ir = torch.randn(2, 40, 6, 8)
    assert share_found_in_pair(rgb, ir) < 4 / 40
    assert share_found_in_pair(rgb[:0], ir[:0]).isnan()
