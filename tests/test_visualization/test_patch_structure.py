import numpy as np
import pytest

from mmpsearch.visualization.patch_structure import (
    find_clusters,
    mass_mask,
    match_patches,
)
from tests.test_models.reid_golden import golden_arrays


def test_mask_by_hand():
    attention = np.array([[0.1, 0.4, 0.2, 0.3], [0.25, 0.25, 0.25, 0.25]])
    got = mass_mask(attention, 0.6)
    assert got[0].tolist() == [False, True, False, True]
    assert got[1].sum() == 3  # two have only half
    assert mass_mask(attention, 1.0).all()


def test_public_mask():
    data = golden_arrays("vit_forward")
    attention = data["dino_vits/last_attn_cls_to_patch"][0].numpy()
    want = data["dino_vits/attn_mask_mass0.6_img0"].numpy().astype(bool)
    got = mass_mask(attention, 0.6)
    assert np.array_equal(got, want.reshape(got.shape))
    mass = np.where(got, attention, 0).sum(-1) / attention.sum(-1)
    assert (mass >= 0.6 - 1e-6).all()


def test_a_picture_matches_itself():
    tokens = np.random.default_rng(0).normal(size=(12, 32))
    attention = np.random.default_rng(1).random((3, 12))
    first, second = match_patches(tokens, tokens, attention, number=5)
    assert np.array_equal(first, second)
    mean = attention.mean(0)
    assert set(first) == set(np.argsort(-mean)[:5]) and first[0] == mean.argmax()


def test_clusters_by_hand():
    prototypes = np.array([[7, 7, 3], [7, 3, 3], [9, 3, 7]])
    confidences = np.array([[0.2, 0.9, 0.5], [0.4, 0.6, 0.7], [1.0, 0.3, 0.8]])
    first, second = find_clusters(prototypes, confidences, members=2, clusters=2)
    assert (first.prototype, first.size) == (7, 4)
    assert first.pictures.tolist() == [0, 2]  # one per picture, clearest first
    assert first.patches.tolist() == [1, 2]
    assert first.confidences.tolist() == [0.9, 0.8]
    assert (second.prototype, second.size) == (3, 4)
    (clear,) = find_clusters(
        prototypes, confidences, clusters=1, members=1, by="confidence"
    )
    assert clear.prototype == 9
    usable = np.ones((3, 3), bool)
    usable[:, 0] = False
    found = find_clusters(prototypes, confidences, usable, members=1)
    assert {cluster.prototype: cluster.size for cluster in found} == {7: 2, 3: 4}
    with pytest.raises(ValueError, match="'size' or 'confidence'"):
        find_clusters(prototypes, confidences, by="name")
