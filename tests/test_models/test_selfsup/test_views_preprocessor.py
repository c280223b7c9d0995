import torch
from mmengine.dataset import pseudo_collate
from torch.testing import assert_close

from mmpsearch.models.selfsup import ViewsPreprocessor


def samples():
    generator = torch.Generator().manual_seed(0)
    return [
        dict(
            inputs=[
                torch.randint(256, (3, *size), generator=generator, dtype=torch.uint8)
                for size in ((4, 2), (4, 2), (2, 1))
            ],
            masks=torch.rand(2, 2, 1, generator=generator) < 0.5,
        )
        for _ in range(3)
    ]


def test_views_and_masks():
    batch = samples()
    preprocessor = ViewsPreprocessor(mean=(1.0, 2.0, 3.0), std=(4.0, 5.0, 6.0))
    data = preprocessor(pseudo_collate(batch), True)
    assert [tuple(view.shape) for view in data["inputs"]] == [
        (3, 3, 4, 2),
        (3, 3, 4, 2),
        (3, 3, 2, 1),
    ]
    blue = batch[1]["inputs"][2][0].float()  # BGR in, RGB out
    assert_close(data["inputs"][2][1, 2], (blue - 3.0) / 6.0)
    assert data["masks"].shape == (2, 3, 2, 1)
    assert torch.equal(data["masks"][1, 2], batch[2]["masks"][1])


def test_channels_last_changes_the_layout_alone():
    batch = pseudo_collate(samples())
    plain = ViewsPreprocessor()(batch)["inputs"][0]
    last = ViewsPreprocessor(channels_last=True)(batch)["inputs"][0]
    assert torch.equal(plain, last)
    assert last.is_contiguous(memory_format=torch.channels_last)


def test_plain_images():
    images = [torch.zeros(3, 4, 2, dtype=torch.uint8)] * 2
    assert ViewsPreprocessor()(dict(inputs=images))["inputs"].shape == (2, 3, 4, 2)


def test_nothing_of_it_is_saved():
    assert not ViewsPreprocessor().state_dict()
