"""What frozen features know, and whether they have collapsed."""

import numpy as np
import torch
import torch.nn.functional as F

from mmpsearch.evaluation.functional.distance_rows import as_embeddings


def effective_rank(features: np.ndarray) -> float:
    """In how many directions features spread, from 1 to ``min(N - 1, D)``.

    The exponential of the entropy of the shares that the singular values of the
    centred features have in their sum (Roy and Vetterli, EUSIPCO 2007).

    Args:
        features: ``(N, D)``.

    Returns:
        1.0 also for features that are all equal.
    """
    values = as_embeddings(features, "features").double()
    spread = torch.linalg.svdvals(values - values.mean(dim=0))
    total = spread.sum()
    if total <= 1e-12 * max(float(values.abs().max()), 1e-30) * values.numel():
        return 1.0
    shares = spread / total
    return float(torch.exp(torch.special.entr(shares).sum()))


def feature_spread(features: np.ndarray) -> float:
    """Standard deviation of L2-normalised features, relative to a uniform sphere's.

    Chen and He (SimSiam, CVPR 2021), section 4.1: about 1 where directions are spread
    out, 0 where all are one.

    Args:
        features: ``(N, D)``.
    """
    unit = F.normalize(as_embeddings(features, "features").double(), dim=1)
    return float(unit.std(dim=0, correction=0).mean() * unit.shape[1] ** 0.5)


def pair_similarities(
    features: np.ndarray, person_ids: np.ndarray
) -> tuple[float, float]:
    """Mean cosine of two pictures of one person, and of different people.

    Args:
        features: ``(N, D)``.
        person_ids: ``(N,)`` int64; pictures of -1 (nobody known) are left out.

    Returns:
        Both means; NaN where there is no such pair.
    """
    known = torch.as_tensor(person_ids) >= 0
    unit = F.normalize(as_embeddings(features, "features").double(), dim=1)[known]
    ids = torch.as_tensor(person_ids)[known].unique(return_inverse=True)[1]
    # Sums over pairs from sums over people: |sum of vectors|^2 counts every pair
    # twice, and every vector with itself.
    people = torch.zeros(int(ids.max()) + 1, unit.shape[1]).double()
    people.index_add_(0, ids, unit)
    counts = torch.bincount(ids).double()
    same = (people.square().sum() - len(unit)) / 2
    everything = (unit.sum(dim=0).square().sum() - len(unit)) / 2
    same_pairs = (counts * (counts - 1)).sum() / 2
    other_pairs = len(unit) * (len(unit) - 1) / 2 - same_pairs
    return float(same / same_pairs), float((everything - same) / other_pairs)


def linear_probe(
    features: np.ndarray,
    person_ids: np.ndarray,
    others: np.ndarray,
    weight_decay: float = 1e-3,
    steps: int = 100,
) -> np.ndarray:
    """Train one linear softmax classifier on frozen features; apply it to others.

    The classifier tells the training people apart; of people whom it never saw its
    logits, which are a linear map of the features that keeps what tells people
    apart, are compared instead. L-BFGS from zero weights on all features at once:
    nothing is drawn.

    Args:
        features: ``(N, D)`` of the training people, standardised here.
        person_ids: ``(N,)`` int64, any numbers; -1 is left out.
        others: ``(M, D)`` of the people to compare.
        weight_decay: of the squared weights, beside the mean cross-entropy.
        steps: of L-BFGS at most.

    Returns:
        ``(M, C)`` float32, the centred logits of the C training people.

    Raises:
        ValueError: fewer than two people.
    """
    known = torch.as_tensor(person_ids) >= 0
    rows = as_embeddings(features, "features")[known].double()
    people, labels = torch.as_tensor(person_ids)[known].unique(return_inverse=True)
    if len(people) < 2:
        raise ValueError(
            f"a linear probe needs at least two labelled people, got {len(people)}"
        )
    mean, std = rows.mean(dim=0), rows.std(dim=0, correction=0)
    std = torch.where(std > 0, std, torch.ones_like(std))
    rows = (rows - mean) / std
    weights = torch.zeros(len(people), rows.shape[1] + 1).to(rows)
    weights.requires_grad_()
    optimizer = torch.optim.LBFGS(
        [weights], max_iter=steps, line_search_fn="strong_wolfe"
    )

    def logits(values: torch.Tensor) -> torch.Tensor:
        return values @ weights[:, :-1].T + weights[:, -1]

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(logits(rows), labels)
        loss = loss + weight_decay * weights[:, :-1].square().sum()
        loss.backward()
        return loss

    with torch.enable_grad():
        optimizer.step(closure)
    with torch.no_grad():
        found = logits((as_embeddings(others, "others").double() - mean) / std)
        found = found - found.mean(dim=1, keepdim=True)
    return found.float().numpy()
