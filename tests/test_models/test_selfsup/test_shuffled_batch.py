import torch

from mmpsearch.models.selfsup.shuffled_batch import ShuffledBatch, groups_of_one_rank
from tests.distributed import run_two_ranks


def test_there_and_back():
    images = torch.arange(24.0).view(6, 4)
    torch.manual_seed(1)
    batch = ShuffledBatch(images)
    assert not torch.equal(batch.images, images)
    assert torch.equal(batch.restore(2 * batch.images), 2 * images)


def centred(images):
    return images - images.mean(dim=0)


def test_one_rank_encodes_in_groups():
    images = torch.arange(8.0).view(8, 1)
    torch.manual_seed(1)
    batch = ShuffledBatch(images)
    order = batch.images.flatten().long()
    groups = batch.images.view(2, 4)
    expected = (groups - groups.mean(dim=1, keepdim=True)).flatten()
    assert torch.equal(batch.encode(centred).flatten()[order], expected)
    assert not torch.equal(batch.encode(centred), centred(images))
    one = ShuffledBatch(images, groups=1)
    assert torch.equal(one.encode(centred), centred(images))


def test_no_group_of_one_image():
    sizes = []

    def encode(images):
        sizes.append(len(images))
        return images

    for number in (1, 3, 5, 11):
        assert len(ShuffledBatch(torch.zeros(number, 2)).encode(encode)) == number
    assert sizes == [1, 3, 3, 2, 6, 5]


def test_groups_are_large_enough_for_their_statistics():
    sizes = {number: groups_of_one_rank(number) for number in (16, 64, 96, 128, 800)}
    assert sizes == {16: 2, 64: 2, 96: 3, 128: 4, 800: 4}


def shuffle(rank):
    torch.manual_seed(10 + rank)  # rank 0 decides
    images = torch.arange(8.0).view(8, 1)[4 * rank : 4 * rank + 4]
    batch = ShuffledBatch(images)
    return batch.images, batch.restore(batch.images * 10), uneven(rank)


def uneven(rank):
    try:
        ShuffledBatch(torch.zeros(2 + rank, 1))
    except ValueError as error:
        return str(error)


def test_images_change_ranks_and_come_back():
    (first, back0, error0), (second, back1, error1) = run_two_ranks(shuffle)
    everyone = torch.cat((first, second)).flatten()
    assert everyone.sort().values.tolist() == list(range(8))
    assert first.max() > 3 and second.min() < 4  # some are elsewhere
    assert torch.equal(torch.cat((back0, back1)).flatten(), 10 * torch.arange(8.0))
    assert "drop_last=True" in error0 and "drop_last=True" in error1
