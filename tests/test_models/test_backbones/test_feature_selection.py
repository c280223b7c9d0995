import torch
from torch.testing import assert_close

from mmpsearch.models.backbones.feature_selection import FeatureSelection, hard_choice


def test_choice_without_noise_takes_the_greater():
    logits = torch.tensor([[0.0, 1.0], [2.0, 1.0]])
    assert_close(hard_choice(logits, 1.0, noisy=False), torch.tensor([1.0, 0.0]))


def test_noisy_choice_is_0_or_1_in_proportion_and_has_a_gradient():
    torch.manual_seed(0)
    logits = torch.tensor([0.0, 1.0]).repeat(4000, 1).requires_grad_()
    kept = hard_choice(logits, 1.0, noisy=True)
    assert set(kept.detach().unique().tolist()) == {0.0, 1.0}
    assert abs(float(kept.detach().mean()) - 0.731) < 0.03  # the sigmoid of the lead
    kept.sum().backward()
    assert (logits.grad[:, 1] > 0).all()


def test_each_modality_has_its_own_gates():
    cell = FeatureSelection(2).eval()
    with torch.no_grad():
        cell.channel_logits[0, 1] = torch.tensor([1.0, 0.0])  # RGB drops channel 1
        cell.position_gates[1].weight[0, 0] = 10.0  # infrared drops where channel 0 is
    x = torch.ones(2, 2, 1, 2)
    x[:, 0, 0, 1] = 0
    out = cell(x, torch.tensor([0, 1]))
    assert_close(out[0], torch.tensor([[[1.0, 0.0]], [[0.0, 0.0]]]))
    assert_close(out[1], torch.tensor([[[0.0, 0.0]], [[0.0, 1.0]]]))


def test_starts_inclined_to_keep():
    cell, x = FeatureSelection(3), torch.randn(2, 3, 4, 4)
    assert_close(cell.eval()(x, torch.tensor([0, 1])), x)
