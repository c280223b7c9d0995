"""Random choices: counts, preferences and uniformity."""

import pytest
import torch

from mmpsearch.models.layers.sampling import random_subset, sample_balanced


def test_a_subset_that_fits_is_returned_as_it_is():
    indices = torch.tensor([5, 2, 9])
    assert random_subset(indices, 3) is indices
    assert random_subset(indices, 7) is indices
    assert random_subset(indices, 0).shape == (0,)


def test_subsets_are_uniform_and_without_repetition():
    torch.manual_seed(0)
    counts = torch.zeros(6)
    for _ in range(1500):
        subset = random_subset(torch.arange(6), 2)
        assert len(subset.unique()) == 2
        counts[subset] += 1
    # 500 expected, standard deviation 18
    assert (counts - 500).abs().max() < 90


@pytest.mark.parametrize(
    ("positives", "negatives", "expected"),
    [
        (20, 50, (5, 5)),  # enough of both
        (3, 50, (3, 7)),  # background fills the shortage
        (20, 2, (5, 2)),  # matched ones do not
        (0, 50, (0, 10)),
        (0, 0, (0, 0)),
    ],
)
def test_sample_balanced(positives, negatives, expected):
    torch.manual_seed(0)
    labels = [torch.arange(positives), torch.full((negatives,), -1)]
    matched = torch.cat([*labels, torch.full((13,), -2)])
    matched = matched[torch.randperm(len(matched))]
    chosen = sample_balanced(matched, 10, 0.5)
    assert torch.equal(chosen, chosen.unique())  # ascending, no repetition
    picked = matched[chosen]
    assert ((picked >= 0).sum(), (picked == -1).sum()) == expected
    assert (picked != -2).all()
