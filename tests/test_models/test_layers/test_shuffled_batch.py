import torch

from mmpsearch.models.layers.shuffled_batch import ShuffledBatch
from tests.distributed import run_two_ranks


def test_there_and_back():
    images = torch.arange(24.0).view(6, 4)
    torch.manual_seed(1)
    batch = ShuffledBatch(images)
    assert not torch.equal(batch.images, images)
    assert torch.equal(batch.restore(2 * batch.images), 2 * images)


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
