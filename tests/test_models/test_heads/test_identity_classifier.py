import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.heads import LinearClassifier, MarginClassifier
from mmpsearch.models.heads.margin_softmax import circle_softmax


def test_linear():
    classifier, x = LinearClassifier(3, 5, bias=True), torch.randn(2, 3)
    got = classifier(x.half(), torch.tensor([0, 1]))
    want = x.half().float() @ classifier.linear.weight.T
    assert got.dtype == torch.float32
    assert_close(got, want)
    assert LinearClassifier(3, 5).linear.bias is None
    assert LinearClassifier(100, 100).linear.weight.std().item() < 0.0012


def test_margin_on_the_target():
    classifier = MarginClassifier(2, 2, scale=4.0, margin=0.25)
    classifier.weight.data = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
    x, ids = torch.tensor([[3.0, 4.0]]), torch.tensor([1])
    want = circle_softmax(torch.tensor([[0.6, 0.8]]), ids, 4.0, 0.25)
    assert_close(classifier(x, ids), want)


def test_unknown_margin_is_refused():
    with pytest.raises(ValueError, match="margin_type must be one of none, circle"):
        MarginClassifier(2, 2, "square")
