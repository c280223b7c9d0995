import torch

from mmpsearch.models.layers.same_size import together_by_size


def test_one_call_per_size():
    sizes = [(4, 4), (2, 3), (4, 4), (2, 3), (4, 4)]
    images = [torch.rand(2, 1, *size) for size in sizes]
    seen = []

    def double_mean(x):
        seen.append(len(x))
        return 2 * x.mean(dim=(2, 3))

    found = together_by_size(double_mean, images)
    assert seen == [6, 4]
    for image, value in zip(images, found, strict=True):
        torch.testing.assert_close(value, 2 * image.mean(dim=(2, 3)))
    assert together_by_size(double_mean, []) == []
