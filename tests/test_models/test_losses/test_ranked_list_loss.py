import torch
import torch.nn.functional as F
from torch.testing import assert_close

from mmpsearch.models.losses import CrossModalityRankedListLoss
from mmpsearch.models.losses.ranked_list_loss import ranked_list_losses
from tests.distributed import run_two_ranks


def test_by_hand():
    distances = torch.tensor([[0.0, 1.5, 1.0, 0.5, 3.0]])
    positive = torch.tensor([[False, True, True, False, False]])
    negative = torch.tensor([[False, False, False, True, True]])
    value = ranked_list_losses(distances, positive, negative, margin=0.8, alpha=2.0)
    # positives beyond 1.2: 0.3 and 0, mean 0.15; the only near negative: 1.5
    assert_close(value, torch.tensor([1.65]))


def test_near_negatives_weigh_most():
    distances = torch.tensor([[1.0, 1.9]])
    none, negative = torch.tensor([[False] * 2]), torch.tensor([[True] * 2])
    weights = torch.tensor([1.0, 0.1]).exp()
    want = (weights * torch.tensor([1.0, 0.1])).sum() / weights.sum()
    got = ranked_list_losses(distances, none, negative, margin=1.0, alpha=2.0)
    assert_close(got, want[None])


def slow(x, ids, modalities, margins=(0.9, 1.0), alphas=(2.2, 2.0)):
    x, total = F.normalize(x, dim=1), 0.0
    for i in range(len(x)):
        for kind, margin, alpha in zip((True, False), margins, alphas, strict=True):
            pulls, pushes, weights = [], [], []
            for j in range(len(x)):
                if i == j or bool(modalities[i] == modalities[j]) != kind:
                    continue
                distance = (x[i] - x[j]).norm()
                if ids[i] == ids[j]:
                    pulls.append((distance - (alpha - margin)).clamp(min=0))
                elif distance < alpha:
                    weights.append((alpha - distance).exp())
                    pushes.append((alpha - distance) * weights[-1])
            total += sum(pulls) / max(len(pulls), 1)
            total += sum(pushes) / sum(weights) if pushes else 0
    return total / len(x)


def test_equals_a_loop():
    x = torch.randn(8, 3)
    ids, modalities = torch.arange(2).repeat(4), torch.arange(2).repeat_interleave(4)
    value = CrossModalityRankedListLoss()(x, ids, modalities)
    assert_close(value, slow(x, ids, modalities), atol=1e-5, rtol=1e-5)


def test_unlabelled_batch_gives_zero():
    x = torch.randn(2, 3, requires_grad=True)
    value = CrossModalityRankedListLoss()(x, torch.tensor([-1, -1]), torch.arange(2))
    value.backward()
    assert value == 0 and (x.grad == 0).all()


def on_rank(rank, x, ids, modalities):
    rows = slice(rank, None, 2)
    return CrossModalityRankedListLoss()(x[rows], ids[rows], modalities[rows])


def test_two_ranks_equal_one_process():
    x, ids = torch.randn(7, 3), torch.tensor([0, 0, 1, 1, -1, 0, 1])
    modalities = torch.tensor([0, 1, 0, 1, 0, 1, 1])
    value = CrossModalityRankedListLoss()(x, ids, modalities)
    assert_close(sum(run_two_ranks(on_rank, x, ids, modalities)) / 2, value)
