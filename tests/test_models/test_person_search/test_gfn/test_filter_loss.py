"""The filter's objective on random batches, against loops from its definition."""

import math

import pytest
import torch

from mmpsearch.models.person_search.gfn.filter_loss import gallery_filter_loss
from mmpsearch.models.person_search.gfn.fusion import QuerySceneFusion
from mmpsearch.models.person_search.gfn.scene_table import SceneBatch

TEMPERATURE = 0.1


def cosine(a, b):
    return float((a @ b / (a.norm() * b.norm()).clamp(min=1e-12)).detach())


def contrast(positives, anchors):
    """Mean over positive pairs of -log(e^p / (e^p + sum of the anchor's negatives)).

    Args:
        positives: (anchor, similarity) of each.
        anchors: anchor -> similarities of its negatives.
    """
    if not positives or not any(anchors.values()):
        return 0.0
    total = 0.0
    for anchor, similarity in positives:
        if not anchors.get(anchor):
            continue  # nothing to be told from: contributes 0
        ratio = sum(
            math.exp((other - similarity) / TEMPERATURE) for other in anchors[anchor]
        )
        total += math.log1p(ratio)
    return total / len(positives)


def normed(rows, norm):
    """Batch norm of a training step, one column at a time."""
    columns = []
    for column, weight, bias in zip(rows.T, norm.weight, norm.bias, strict=True):
        variance = ((column - column.mean()) ** 2).mean()
        columns.append((column - column.mean()) / (variance + norm.eps).sqrt())
        columns[-1] = columns[-1] * weight + bias
    return torch.stack(columns, dim=1)


def fused_rows(batch, queries, fusion):
    """(scene, query) -> embedding, normed over all pairs at once."""
    pairs, rows = [], []
    for i, scene in enumerate(batch.scenes):
        for j, query in enumerate(queries):
            gate = 1 / (1 + (-query / query.norm().clamp(min=1e-12) / 0.2).exp())
            direction = scene / scene.norm()
            mixed = {
                "se": direction * gate,
                "sum": query + scene,
                "identity": scene,
            }[fusion.activation]
            pairs.append((i, j))
            rows.append(mixed)
    rows = torch.stack(rows)
    if fusion.activation != "identity":
        rows = normed(rows, fusion.norm)
    return dict(zip(pairs, rows, strict=True))


def by_loops(batch, fusion, objective, prototypes, filtered):
    ids = batch.unique_ids.tolist()
    own = batch.scene_index.tolist()
    known = [person >= 0 for person in batch.person_ids.tolist()]
    people = [
        {ids[j] for j in range(len(ids)) if own[j] == i}
        for i in range(len(batch.scenes))
    ]
    count = len(people)
    if objective == "image":
        positives, anchors = [], {i: [] for i in range(count)}
        for i in range(count):
            for k in range(count):
                similarity = cosine(batch.scenes[i], batch.scenes[k])
                if people[i] & people[k]:
                    positives.append((i, similarity))
                else:
                    anchors[i].append(similarity)
        return contrast(positives, anchors)
    asked = [j for j in range(len(ids)) if prototypes is None or known[j]]
    queries = [
        batch.queries[j] if prototypes is None else prototypes[batch.person_ids[j]]
        for j in asked
    ]
    if not queries:
        return 0.0
    fused = fused_rows(batch, queries, fusion) if objective == "combined" else None
    positives, anchors = [], {}
    for place, j in enumerate(asked):
        for i in range(count):
            if objective == "combined":
                anchor = place
                similarity = cosine(fused[own[j], place], fused[i, place])
            else:
                anchor, similarity = i, cosine(batch.scenes[i], queries[place])
            shares = bool(people[i] & people[own[j]])
            if ids[j] in people[i]:
                positives.append((anchor, similarity))
            elif not filtered or not shares or known[j]:
                anchors.setdefault(anchor, []).append(similarity)
    return contrast(positives, anchors)


def random_batch(seed):
    """Scenes of one to four people, some unlabelled, some of them seen twice."""
    generator = torch.Generator().manual_seed(seed)
    count = int(torch.randint(1, 6, (), generator=generator))
    size = int(torch.randint(3, 9, (), generator=generator))
    index, people = [], []
    for scene in range(count):
        seen = torch.randperm(7, generator=generator)[: 1 + (scene + seed) % 4]
        index += [scene] * len(seen)
        people += seen.tolist()
    labels = [person if person < 4 else -1 for person in people]
    unique = [p if p < 4 else 50 + p for p in people]  # known to be one, yet unnamed
    return SceneBatch(
        torch.randn(count, size, generator=generator),
        torch.randn(len(index), size, generator=generator),
        torch.tensor(index),
        torch.tensor(labels),
        torch.tensor(unique),
    ), torch.randn(4, size, generator=generator)


@pytest.mark.parametrize("activation", ["se", "sum", "identity"])
@pytest.mark.parametrize("objective", ["combined", "separate", "image"])
@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("filtered", [False, True])
def test_random_batches(activation, objective, named, filtered):
    checked = 0
    for seed in range(6):
        batch, table = random_batch(seed)
        batch = SceneBatch(*(v.double() if v.is_floating_point() else v for v in batch))
        prototypes = table.double() if named else None
        fusion = QuerySceneFusion(batch.scenes.shape[1], activation).double().train()
        if len(batch.scenes) * len(batch.queries) < 2:
            continue  # no statistics of one row
        got = gallery_filter_loss(batch, fusion, objective, prototypes, filtered)
        want = by_loops(batch, fusion, objective, prototypes, filtered)
        assert float(got) == pytest.approx(want, rel=1e-6, abs=1e-9), seed
        checked += want > 0
    assert checked >= 2
