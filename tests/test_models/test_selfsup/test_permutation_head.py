import torch
from torch.testing import assert_close

from mmpsearch.models.selfsup import PermutationHead


def test_rows_are_shuffled_places():
    torch.manual_seed(0)
    head = PermutationHead(4, num_stripes=3)
    x = torch.randn(2, 4, 6, 5)
    affinity = head((x,))
    flat = x.mean((2, 3)) @ head.linear.weight.T + head.linear.bias
    assert affinity.shape == (2, 3, 3)
    assert_close(affinity[:, 1, 2], flat[:, 5])
    assert PermutationHead(4, bias=False).linear.bias is None
