import torch
from torch.testing import assert_close

from mmpsearch.models.backbones.non_local import NonLocalBlock
from mmpsearch.models.layers.instance_batch_norm import InstanceBatchNorm


def test_starts_as_identity():
    x = torch.randn(2, 4, 3, 5)
    assert_close(NonLocalBlock(4)(x), x)


def test_equals_the_affinity_matrix():
    """The written-out form: an HW x HW matrix divided by the number of positions."""
    torch.manual_seed(0)
    block, x = NonLocalBlock(4, 2).eval(), torch.randn(2, 4, 3, 5)
    torch.nn.init.normal_(block.W[1].weight)
    theta, phi, g = (
        conv(x).flatten(2).transpose(1, 2) for conv in (block.theta, block.phi, block.g)
    )
    seen = theta @ phi.transpose(1, 2) / 15 @ g
    want = x + block.W(seen.transpose(1, 2).reshape(2, 2, 3, 5))
    assert_close(block(x), want)


def test_instance_batch_norm_halves():
    norm, x = InstanceBatchNorm(4), torch.randn(3, 4, 5, 6)
    got = norm(x)
    first, second = got[:, :2], got[:, 2:]
    assert_close(first.mean((2, 3)), torch.zeros(3, 2), atol=1e-6, rtol=0)
    assert_close(second.mean((0, 2, 3)), torch.zeros(2), atol=1e-6, rtol=0)
    assert second.mean((2, 3)).abs().max() > 1e-3
