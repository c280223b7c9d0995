import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import DefaultScope

from mmpsearch.models.selfsup import UPReID
from mmpsearch.models.unsupervised import SpCL
from mmpsearch.structures import ReIDSample

MODEL = dict(
    backbone=dict(
        type="mmpretrain.ResNet",
        depth=18,
        stem_channels=8,
        base_channels=4,
        out_indices=(3,),
    ),
    neck=dict(type="mmpsearch.GlobalPoolNeck", pool="gem"),
    heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=32)),
)


def make_model(num_source=0, **changes):
    torch.manual_seed(0)
    model = SpCL(**MODEL, **changes)
    model.memory.fill(torch.randn(num_source, 32), torch.randn(6, 32))
    model.memory.set_target_classes(torch.tensor([0, 0, 1, 1, 2, 3]))
    return model.train()


def make_batch(rows):
    torch.manual_seed(1)
    samples = []
    for row in rows:
        sample = ReIDSample(metainfo=dict(memory_row=row))
        sample.person_id, sample.camera_id = -1, 0
        samples.append(sample)
    return torch.randn(len(rows), 3, 32, 16), samples


@pytest.mark.parametrize("split", [False, True])
def test_a_step_reaches_everything_and_moves_the_memory(split):
    model = make_model(num_source=2, domain_batch_norm=split)
    before = model.memory.features.clone()
    rows = [0, 1, 1, 0, 2, 3, 7, 7]
    losses = model.loss(*make_batch(rows))
    assert losses.keys() == {"loss_source", "loss_target"}
    sum(losses.values()).backward()
    unreached = [
        n for n, p in model.named_parameters() if p.requires_grad and p.grad is None
    ]
    assert unreached == []
    moved = (model.memory.features != before).any(dim=1)
    assert moved.nonzero()[:, 0].tolist() == [0, 1, 2, 3, 7]
    assert torch.allclose(model.memory.features.norm(dim=1), torch.ones(8))


def test_the_loss_is_that_of_the_memory_before_the_step():
    model = make_model()
    inputs, samples = make_batch([0, 1, 4, 5])
    memory_rows = torch.tensor([0, 1, 4, 5])
    embeddings = F.normalize(model.extract(inputs), dim=1)
    expected = model.memory.loss(embeddings, memory_rows)["loss_target"]
    found = model.loss(inputs, samples)["loss_target"]
    assert torch.allclose(found, expected)


def test_domains_are_normalised_apart_and_put_back_in_order():
    model = make_model(num_source=2, domain_batch_norm=True)
    inputs, _ = make_batch(range(6))
    from_source = torch.tensor([False, True, True, False, True, False])
    together = model.embed_domains(inputs, from_source)
    alone = model.embed_domains(inputs[from_source], torch.ones(3).bool())
    assert torch.allclose(together[from_source], alone, atol=1e-5)
    shifted = inputs.clone()
    shifted[~from_source] += 3  # the other domain's pictures do not matter
    changed = model.embed_domains(shifted, from_source)
    assert torch.allclose(changed[from_source], alone, atol=1e-5)


def test_what_is_missing_is_named():
    model = make_model()
    inputs, samples = make_batch([0, 1])
    samples[0] = ReIDSample()
    with pytest.raises(ValueError, match="AdaptationDataset .*PseudoLabelHook"):
        model.loss(inputs, samples)
    fresh = SpCL(**MODEL)
    with pytest.raises(ValueError, match="AdaptationDataset .*PseudoLabelHook"):
        fresh.loss(*make_batch([0, 1]))


@pytest.mark.parametrize("split", [False, True])
def test_it_starts_from_a_pre_training_checkpoint(tmp_path, split):
    """UP-ReID's trained encoder, under its prefix, into both domains' batch norms."""
    with DefaultScope.overwrite_default_scope("mmpsearch"):
        torch.manual_seed(3)
        neck = dict(
            type="mmpretrain.MoCoV2Neck",
            in_channels=32,
            hid_channels=8,
            out_channels=8,
        )
        pretrained = UPReID(
            backbone=MODEL["backbone"], neck=neck, embed_dims=8, queue_size=8
        )
        for value in pretrained.online.state_dict().values():
            value.add_(1)  # in place; now they differ from the average's
        file = tmp_path / "epoch_1.pth"
        torch.save(dict(state_dict=pretrained.state_dict()), file)
        start = dict(type="Pretrained", checkpoint=str(file), prefix="online.backbone.")
        backbone = dict(MODEL["backbone"], init_cfg=start)
        model = SpCL(**{**MODEL, "backbone": backbone}, domain_batch_norm=split)
        model.init_weights()
    expected = pretrained.online.backbone.state_dict()
    found = model.backbone.state_dict()
    assert len(found) > len(expected) if split else len(found) == len(expected)
    for name, value in found.items():
        name = name.replace(".source.", ".").replace(".target.", ".")
        assert torch.equal(value, expected[name]), name
