import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.heads import margin_softmax
from tests.test_models.reid_golden import golden_arrays


@pytest.mark.parametrize(
    "function, name, settings",
    [
        ("circle_softmax", "CircleSoftmax/s64_m0.35", dict(scale=64, margin=0.35)),
        ("arc_softmax", "ArcSoftmax/s30_m0.5", dict(scale=30, margin=0.5)),
        ("cos_softmax", "CosSoftmax/s30_m0.35", dict(scale=30, margin=0.35)),
        ("plain_softmax", "Linear/s1_m0.0", dict(scale=1)),
    ],
)
def test_public_numbers(function, name, settings):
    data = golden_arrays("reid_losses")
    logits = getattr(margin_softmax, function)(
        data["cosine_logits"], data["target"], **settings
    )
    assert_close(logits, data[f"fastreid_{name}"], atol=1e-4, rtol=1e-5)


def test_circle_weights_have_no_gradient():
    cosines = torch.tensor([[0.5, 0.2]], requires_grad=True)
    logits = margin_softmax.circle_softmax(cosines, torch.tensor([0]), 2, 0.25)
    logits.sum().backward()
    assert_close(cosines.grad, torch.tensor([[2 * 0.75, 2 * 0.45]]))


def test_unlabelled_samples_have_no_target():
    cosines = torch.tensor([[0.5, -0.2]])
    nobody = torch.tensor([-1])
    assert_close(margin_softmax.cos_softmax(cosines, nobody, 2), 2 * cosines)


def test_arc_is_finite_at_the_ends():
    cosines = torch.tensor([[1.0, -1.0]], requires_grad=True)
    for target in (0, 1):
        logits = margin_softmax.arc_softmax(cosines, torch.tensor([target]))
        (gradient,) = torch.autograd.grad(logits.sum(), cosines)
        assert logits.isfinite().all() and gradient.isfinite().all()


def test_cosine_logits_by_hand():
    x, w = torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 2.0], [5.0, 0.0]])
    assert_close(margin_softmax.cosine_logits(x, w), torch.tensor([[0.8, 0.6]]))
