import pytest
import torch

from mmpsearch.evaluation.metrics import PermutationAccuracy


def samples(orders, mistakes):
    for order in orders:
        affinity = torch.nn.functional.one_hot(order, len(order)).float()
        if mistakes:
            affinity = affinity.roll(1, dims=0)
        yield {"log_affinity": affinity, "permutation": order}


def test_stripes_and_whole_pictures():
    metric = PermutationAccuracy()
    orders = torch.rand(8, 6).argsort(dim=1)
    metric.process(None, list(samples(orders[:6], mistakes=False)))
    metric.process(None, list(samples(orders[6:], mistakes=True)))
    assert metric.evaluate(8) == {"permutation_stripe": 0.75, "permutation_whole": 0.75}


def test_no_samples():
    with pytest.raises(ValueError, match="check the data set"):
        PermutationAccuracy().compute_metrics([])
