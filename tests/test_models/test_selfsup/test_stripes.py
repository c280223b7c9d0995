import pytest
import torch

from mmpsearch.models.selfsup.stripes import random_permutations, shuffle_stripes

FIGURE = [2, 4, 1, 3, 0, 5]  # the paper's example


def test_the_paper_s_example():
    rows = torch.arange(12.0)[:, None].expand(12, 4)  # two rows per stripe
    images = torch.stack((rows, 100 + rows))[None]
    shuffled = shuffle_stripes(images, torch.tensor([FIGURE]))
    assert shuffled[0, 0, :, 0].tolist() == [4, 5, 8, 9, 2, 3, 6, 7, 0, 1, 10, 11]
    assert torch.equal(shuffled[0, 1], 100 + shuffled[0, 0])


def test_the_inverse_order_undoes_it():
    torch.manual_seed(0)
    images, orders = torch.randn(3, 3, 18, 5), random_permutations(3, 6)
    back = shuffle_stripes(shuffle_stripes(images, orders), orders.argsort(dim=1))
    assert torch.equal(back, images)


def test_height_that_cannot_be_cut():
    with pytest.raises(ValueError, match="20 rows cannot be cut into 6"):
        shuffle_stripes(torch.zeros(1, 3, 20, 4), torch.tensor([FIGURE]))


def test_permutations_are_uniform_and_each_their_own():
    generator = torch.Generator().manual_seed(0)
    drawn = random_permutations(6000, 3, generator)
    assert (drawn.sort(dim=1).values == torch.arange(3)).all()
    counts = torch.unique(drawn, dim=0, return_counts=True)[1]
    assert len(counts) == 6 and (counts - 1000).abs().max() < 130  # over 4 sigma
