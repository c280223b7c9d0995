import torch
from torch.testing import assert_close

from mmpsearch.models.necks import PartProjectionNeck


def test_every_stripe_has_its_own_convolution():
    torch.manual_seed(0)
    neck = PartProjectionNeck(4, embed_dims=3, num_stripes=2).eval()
    for project in neck.projections:
        project[1].running_mean.normal_()
        project[1].running_var.uniform_(0.5, 2)
    x = torch.randn(2, 4, 6, 5)
    parts = neck((None, x))
    assert parts.shape == (2, 2, 3)
    for index, rows in enumerate((x[:, :, :3], x[:, :, 3:])):
        linear, norm, _ = neck.projections[index]
        weight = linear.weight[:, :, None, None]
        # the convolution of a mean is the mean of the convolution
        mapped = torch.nn.functional.conv2d(rows, weight, linear.bias).mean((2, 3))
        assert_close(parts[:, index], norm(mapped).relu())


def test_without_relu_embeddings_are_signed():
    torch.manual_seed(0)
    neck = PartProjectionNeck(4, embed_dims=3, num_stripes=2, relu=False)
    assert neck((torch.randn(8, 4, 2, 2),)).min() < 0
