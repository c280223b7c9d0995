"""MMGL's model on small pictures: pairs, losses, options."""

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from mmpsearch.models.selfsup.cycle_contrastive_loss import share_found_in_pair
from mmpsearch.models.selfsup.stripes import shuffle_stripes
from mmpsearch.registry import MODELS
from mmpsearch.structures import ReIDSample

BACKBONE = dict(
    type="mmpsearch.TwoStreamResNet", depth=18, stem_channels=8, base_channels=4
)
SETTINGS = dict(
    type="mmpsearch.MMGL",
    backbone=BACKBONE,
    permutation_head=dict(type="mmpsearch.PermutationHead", in_channels=32),
    part_neck=dict(type="mmpsearch.PartProjectionNeck", in_channels=32, embed_dims=16),
)


def small_mmgl(**changes):
    torch.manual_seed(0)
    return MODELS.build({**SETTINGS, **changes})


def batch(modalities, size=(96, 32)):
    samples = []
    for number, modality in enumerate(modalities):
        sample = ReIDSample(metainfo=dict(img_path=f"{number}.jpg"))
        sample.modality = modality
        samples.append(sample)
    generator = torch.Generator().manual_seed(0)
    images = [
        torch.randint(256, (3, *size), dtype=torch.uint8, generator=generator)
        for _ in modalities
    ]
    return dict(inputs=images, data_samples=samples)


def test_a_pair_is_shuffled_alike_and_pairs_differ():
    model = small_mmgl()
    data = batch(["rgb"] * 4 + ["ir"] * 4)
    torch.manual_seed(1)
    out = model.data_preprocessor(data, training=True)
    assert out["modalities"].tolist() == [0] * 4 + [1] * 4
    orders = out["permutations"]
    assert torch.equal(orders[:4], orders[4:])
    assert len(torch.unique(orders[:4], dim=0)) > 1
    again = model.data_preprocessor(data, training=True)
    assert not torch.equal(again["permutations"], orders)
    plain = torch.stack(data["inputs"]).flip(1).float()
    preprocessor = model.data_preprocessor
    plain = (plain - preprocessor.mean) / preprocessor.std
    assert_close(out["inputs"], shuffle_stripes(plain, orders))


def test_one_shuffle_for_the_whole_batch():
    preprocessor = dict(type="mmpsearch.StripeShufflePreprocessor", shuffle="batch")
    model = small_mmgl(data_preprocessor=preprocessor)
    data = batch(["rgb"] * 4 + ["ir"] * 4)
    torch.manual_seed(1)
    drawn = [model.data_preprocessor(data, True)["permutations"] for _ in range(3)]
    for orders in drawn:
        assert torch.equal(orders, orders[:1].repeat(8, 1))
        assert orders[0].sort().values.tolist() == list(range(6))
    assert len({tuple(orders[0].tolist()) for orders in drawn}) > 1
    with pytest.raises(ValueError, match="shuffle must be 'pair' or 'batch'"):
        small_mmgl(data_preprocessor={**preprocessor, "shuffle": "all"})


def test_pairs_in_any_order_of_the_batch():
    model = small_mmgl()
    data = batch(["ir", "rgb", "rgb", "ir"])
    orders = model.data_preprocessor(data, training=True)["permutations"]
    assert torch.equal(orders[1], orders[0]) and torch.equal(orders[2], orders[3])
    with pytest.raises(ValueError, match=r"2 RGB and 1 inf.*ModalityBalanced"):
        model.data_preprocessor(batch(["ir", "rgb", "rgb"]), training=True)


def test_tests_do_not_depend_on_the_batch():
    model = small_mmgl().eval()
    data = batch(["rgb", "ir", "ir"])
    whole = model.data_preprocessor(data)["permutations"]
    last = dict(inputs=data["inputs"][2:], data_samples=data["data_samples"][2:])
    assert torch.equal(model.data_preprocessor(last)["permutations"], whole[2:])
    with torch.no_grad():
        found = model.test_step(data)
        alone = model.test_step(last)
    assert torch.equal(found[2]["permutation"], whole[2])
    assert_close(alone[0]["log_affinity"], found[2]["log_affinity"])


def test_losses_are_the_parts_with_their_weights():
    model = small_mmgl(cycle_weight=0.3, part_weight=0.7).train()
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.eval()  # the same numbers in every pass
    data = model.data_preprocessor(batch(["rgb"] * 3 + ["ir"] * 3), training=True)
    torch.manual_seed(2)
    losses = model(**data, mode="loss")
    features = model.backbone(data["inputs"], data["modalities"])
    orders = data["permutations"]
    torch.manual_seed(2)
    affinity = model.permutation_head(features)
    wanted = model.permutation_loss(affinity, orders)
    assert_close(losses["loss_permutation"], wanted)
    parts = model.part_neck(features)
    wanted = 0.3 * model.cycle_loss(parts[:3], parts[3:])
    assert_close(losses["loss_cycle"], wanted)
    assert_close(losses["paired_share"], share_found_in_pair(parts[:3], parts[3:]))
    logits = model.part_classifier(parts)
    wanted = 0.7 * F.cross_entropy(logits.view(-1, 6), orders.flatten())
    assert_close(losses["loss_part"], wanted)
    right = (affinity.argmax(2) == orders).float().mean()
    assert_close(losses["permutation_accuracy"], right)
    model.part_input = "normalised"
    unit = model.part_classifier(F.normalize(parts, dim=2))
    torch.manual_seed(2)
    wanted = 0.7 * F.cross_entropy(unit.view(-1, 6), orders.flatten())
    assert_close(model(**data, mode="loss")["loss_part"], wanted)


@pytest.mark.parametrize("share", ["none", "stem"])
@pytest.mark.parametrize(
    "weights, names",
    [
        ((0.2, 1), {"loss_permutation", "loss_cycle", "loss_part"}),
        ((0, 1), {"loss_permutation", "loss_part"}),
        ((0.2, 0), {"loss_permutation", "loss_cycle"}),
        ((0, 0), {"loss_permutation"}),
    ],
)
def test_every_parameter_learns(share, weights, names):
    """Rows of Table V: what a left-out loss would train is not there."""
    cycle, part = weights
    model = small_mmgl(
        backbone={**BACKBONE, "share": share}, cycle_weight=cycle, part_weight=part
    ).train()
    data = model.data_preprocessor(batch(["rgb"] * 2 + ["ir"] * 2), training=True)
    losses = model(**data, mode="loss")
    assert {name for name in losses if "loss" in name} == names
    total, log = model.parse_losses(losses)
    total.backward()
    assert all(p.grad is not None for p in model.parameters())
    assert all(value.isfinite() for value in log.values())


def test_memorises_a_few_pictures():
    model = small_mmgl().train()
    data = model.data_preprocessor(batch(["rgb"] * 4 + ["ir"] * 4), training=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    values = []
    for _ in range(25):
        optimizer.zero_grad()
        losses = model(**data, mode="loss")
        total, _ = model.parse_losses(losses)
        total.backward()
        optimizer.step()
        values.append(total.item())
    assert values[-1] < 0.5 * values[0]


@pytest.mark.parametrize("stripes", [2, 3])
def test_other_numbers_of_stripes(stripes):
    """Table VI."""
    model = small_mmgl(num_stripes=stripes).train()
    data = model.data_preprocessor(batch(["rgb"] * 2 + ["ir"] * 2), training=True)
    assert data["permutations"].shape == (4, stripes)
    _, log = model.parse_losses(model(**data, mode="loss"))
    assert all(value.isfinite() for value in log.values())
    assert model.part_classifier.out_features == stripes


def test_errors():
    with pytest.raises(ValueError, match="need a part_neck"):
        small_mmgl(part_neck=None)
    with pytest.raises(ValueError, match="part_input must be"):
        small_mmgl(part_input="relu")
