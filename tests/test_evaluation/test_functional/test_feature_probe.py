import numpy as np
import pytest

from mmpsearch.evaluation.functional.feature_probe import (
    effective_rank,
    feature_spread,
    linear_probe,
    pair_similarities,
)


def test_effective_rank_of_equal_singular_values_is_their_number():
    for rank in (1, 3, 5):
        features = np.zeros((2 * rank, 8))
        for i in range(rank):  # pairs of opposite vectors: the centre is 0
            features[2 * i, i], features[2 * i + 1, i] = 1, -1
        assert effective_rank(features) == pytest.approx(rank)
        # neither a shift of all, nor a scale, nor a rotation changes it
        rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(8, 8)))[0]
        assert effective_rank(7 * features @ rotation + 3) == pytest.approx(rank)


def test_effective_rank_between():
    features = np.diag([3.0, 1.0])
    features = np.concatenate([features, -features])
    shares = np.array([0.75, 0.25])
    want = np.exp(-(shares * np.log(shares)).sum())
    assert effective_rank(features) == pytest.approx(want)


def test_collapsed_features():
    features = np.ones((6, 4))
    assert effective_rank(features) == 1.0
    assert feature_spread(features) == 0.0
    assert feature_spread(1e30 * features) == pytest.approx(0.0, abs=1e-6)


def test_spread_of_a_sphere_is_one():
    features = np.random.default_rng(0).normal(size=(5000, 16))
    assert feature_spread(features) == pytest.approx(1, abs=0.01)


def test_pair_similarities_are_means_over_pairs():
    generator = np.random.default_rng(0)
    features = generator.normal(size=(9, 4))
    people = np.array([5, 5, 5, 2, 2, 8, -1, 2, -1])
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    same, other = [], []
    for i in range(9):
        for j in range(i):
            if min(people[i], people[j]) >= 0:
                (same if people[i] == people[j] else other).append(unit[i] @ unit[j])
    got = pair_similarities(features, people)
    assert got == pytest.approx((np.mean(same), np.mean(other)))


def people_in_two_directions(generator, ids):
    """What tells people apart is small beside what does not (a camera's cast)."""
    signal = np.eye(4)[ids] * 1.0
    noise = generator.normal(size=(len(ids), 4)) * 20
    return np.concatenate([signal, noise], axis=1)


def test_a_linear_probe_finds_what_neighbours_miss():
    generator = np.random.default_rng(0)
    ids = np.repeat(np.arange(4), 30)
    train, test = (people_in_two_directions(generator, ids) for _ in range(2))

    def nearest_are_right(features):
        unit = features / np.linalg.norm(features, axis=1, keepdims=True)
        similarity = unit @ unit.T
        np.fill_diagonal(similarity, -2)
        return (ids[similarity.argmax(axis=1)] == ids).mean()

    logits = linear_probe(train, 10 * ids + 3, test)
    assert logits.shape == (120, 4) and logits.dtype == np.float32
    assert np.abs(logits.sum(axis=1)).max() < 1e-4  # centred
    assert (logits.argmax(axis=1) == ids).mean() == 1
    assert nearest_are_right(test) < 0.6 and nearest_are_right(logits) == 1


def test_unlabelled_rows_and_scale_do_not_matter():
    generator = np.random.default_rng(1)
    ids = np.repeat(np.arange(3), 10)
    train = generator.normal(size=(30, 5)) + np.eye(5)[ids] * 2
    more = np.concatenate([train, 100 * np.ones((4, 5))])
    want = linear_probe(train, ids, train)
    got = linear_probe(more, np.concatenate([ids, [-1] * 4]), train)
    assert np.allclose(got, want)
    assert np.allclose(linear_probe(9 * train + 4, ids, 9 * train + 4), want, atol=1e-3)


def test_one_person_cannot_be_told_apart():
    with pytest.raises(ValueError, match="at least two labelled people, got 1"):
        linear_probe(np.eye(3), np.array([4, 4, -1]), np.eye(3))
