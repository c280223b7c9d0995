import torch
from torch.testing import assert_close

from mmpsearch.models.losses import CenterContrastLoss
from mmpsearch.models.losses.center_contrast_loss import center_contrast


def test_by_hand():
    rgb = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 2.0]])
    ir = torch.tensor([[3.0, 4.0], [0.0, 1.0]])
    value = center_contrast(
        rgb, torch.tensor([0, 0, 1]), ir, torch.tensor([0, 1]), margin=0.3
    )
    # same: 1 - 0.6 and 1 - 1; different: cos 0 (below the margin) and 0.8
    assert_close(value, torch.tensor((0.4 + 0.0) / 2 + (0.0 + 0.5) / 2))


def test_loss_tells_modalities_apart_and_leaves_out_the_unlabelled():
    x = torch.randn(5, 4, requires_grad=True)
    ids, modalities = torch.tensor([0, 1, 0, 1, -1]), torch.tensor([0, 0, 1, 1, 1])
    value = CenterContrastLoss(loss_weight=2)(x, ids, modalities)
    want = 2 * center_contrast(x[:2], ids[:2], x[2:4], ids[2:4])
    assert_close(value, want)
    value.backward()
    assert (x.grad[4] == 0).all() and (x.grad[:4] != 0).any()


def test_one_modality_gives_zero():
    x = torch.randn(3, 4, requires_grad=True)
    value = CenterContrastLoss()(x, torch.tensor([0, 1, 1]), torch.zeros(3).long())
    value.backward()
    assert value == 0 and (x.grad == 0).all()
