"""A classifier as a re-id loss."""

import torch
import torch.nn.functional as F

from mmpsearch.models.losses import IdentityCrossEntropy


def test_unlabelled_persons_have_no_class():
    torch.manual_seed(0)
    loss = IdentityCrossEntropy(5, 8)
    x, ids = torch.randn(4, 8), torch.tensor([2, -1, 0, -1])
    logits = loss.logits(x, ids)
    torch.testing.assert_close(logits, x @ loss.classifier.linear.weight.T)
    expected = F.cross_entropy(logits[[0, 2]], ids[[0, 2]])
    torch.testing.assert_close(loss(x, ids), expected)


def test_nobody_labelled():
    loss = IdentityCrossEntropy(5, 8)
    value = loss(torch.randn(3, 8), torch.full((3,), -1))
    value.backward()
    assert value == 0 and loss.classifier.linear.weight.grad.eq(0).all()


def test_another_classifier():
    margin = dict(type="mmpsearch.MarginClassifier", scale=16.0)
    loss = IdentityCrossEntropy(5, 8, smoothing=0.1, classifier=margin)
    assert loss(torch.randn(3, 8), torch.tensor([0, 1, 4])) > 0
