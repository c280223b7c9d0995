import numpy as np
import pytest
import torch

from mmpsearch.datasets.seeded_dataset import seeded_generators
from mmpsearch.datasets.transforms import AugMix, AutoAugment

IMAGE = np.random.default_rng(0).integers(0, 255, (32, 16, 3), dtype=np.uint8)


@pytest.mark.parametrize("kind", [AutoAugment, AugMix])
def test_a_seeded_share_of_the_pictures_changes(kind):
    augment = kind(0.5)

    def run(seed):
        with seeded_generators(seed):
            return augment(dict(img=IMAGE))["img"]

    images = [run(seed) for seed in range(40)]
    assert all(i.shape == IMAGE.shape and i.dtype == np.uint8 for i in images)
    changed = sum(not np.array_equal(i, IMAGE) for i in images)
    assert 8 <= changed <= 30
    assert all(np.array_equal(run(s), images[s]) for s in range(5))
    assert np.array_equal(kind(0.0)(dict(img=IMAGE))["img"], IMAGE)


def test_the_policy_sees_rgb():
    augment = AutoAugment(1.0)
    seen = []
    augment.augment = lambda tensor: seen.append(tensor.numpy()) or tensor
    out = augment(dict(img=IMAGE))["img"]
    assert np.array_equal(seen[0], IMAGE[:, :, ::-1].transpose(2, 0, 1))
    assert np.array_equal(out, IMAGE)


def test_bad_probability():
    with pytest.raises(ValueError, match="AugMix: prob must be in 0..1"):
        AugMix(1.5)


def test_augmix_mixes_chains_of_the_chosen_operations(monkeypatch):
    """With known weights and operations that negate, the mixture is known."""
    augment = AugMix(1.0, severity=2, width=2, depth=3, alpha=0.5, all_operations=False)
    used = []

    def negate(image, name, magnitude, **_):
        used.append(name)
        return 255 - image

    asked = []

    def weights(parameters):
        asked.append(parameters.tolist())
        return torch.tensor([[0.25, 0.75]])

    monkeypatch.setattr(augment.augment, "_apply_image_or_video_transform", negate)
    monkeypatch.setattr(augment.augment, "_sample_dirichlet", weights)
    found = augment(dict(img=IMAGE))["img"]
    # An odd number of negations: 1/4 of the picture and 3/4 of its negative.
    wanted = 0.25 * IMAGE + 0.75 * (255.0 - IMAGE)
    assert np.abs(found - wanted).max() <= 1
    assert len(used) == 6 and asked == [[[0.5, 0.5]]] * 2
    for _ in range(30):
        augment(dict(img=IMAGE))
    assert set(used) <= {
        *("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"),
        *("Posterize", "Solarize", "AutoContrast", "Equalize"),
    }
