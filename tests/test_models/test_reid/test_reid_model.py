import pytest
import torch
from torch import nn
from torch.testing import assert_close

from mmpsearch.models.converters.vit import convert_vit
from mmpsearch.models.losses import TripletLoss
from mmpsearch.models.reid import ReIDModel
from mmpsearch.registry import MODELS
from mmpsearch.structures.reid_sample import ReIDSample
from tests.distributed import run_two_ranks
from tests.test_models.reid_golden import (
    filled_state,
    golden_arrays,
    golden_keys,
    wave_images,
)

TINY_VIT = dict(
    type="mmpsearch.VisionTransformer",
    arch=dict(dims=24, depth=1, heads=3),
    image_size=(64, 32),
)
TRIPLET = dict(
    type="mmpsearch.EmbeddingLoss", loss=dict(type="mmpsearch.TripletLoss", margin=None)
)


def tiny_model(**changes) -> ReIDModel:
    settings = dict(
        type="mmpsearch.ReIDModel",
        backbone=TINY_VIT,
        neck=dict(type="mmpsearch.TokenNeck"),
        heads={"whole": dict(type="mmpsearch.EmbeddingHead", in_channels=24)},
        num_identities=5,
        metric_losses=dict(triplet=TRIPLET),
    )
    torch.manual_seed(0)
    return MODELS.build({**settings, **changes})


def make_samples(ids, cameras=None):
    samples = []
    for i, person in enumerate(ids):
        sample = ReIDSample()
        sample.person_id = person
        sample.camera_id = cameras[i] if cameras else -1
        samples.append(sample)
    return samples


def test_fine_tuned_transreid_model():
    data = golden_arrays("vit_forward")
    state = filled_state(golden_keys("finetune_vit_small_751"), 0.12)
    converted, report = convert_vit(state)
    assert not report.unmatched
    for stage, golden in (("before_bn", "feat_before"), ("after_bn", "feat_after")):
        model = tiny_model(
            backbone=dict(type="mmpsearch.VisionTransformer", arch="small"),
            heads={"whole": dict(type="mmpsearch.EmbeddingHead", in_channels=384)},
            num_identities=751,
            test_stage=stage,
        ).eval()
        model.load_state_dict(converted)
        with torch.no_grad():
            got = model.extract(wave_images())
        assert_close(got, data[f"finetune/{golden}"], atol=2e-5, rtol=1e-4)


def test_losses_are_those_of_the_parts():
    model, ids = tiny_model(), [0, 0, 3, 3]
    images = torch.randn(4, 3, 64, 32)
    losses = model.train().loss(images, make_samples(ids))
    cls = model.backbone(images)[0][:, 0]
    want = TripletLoss(margin=None)(cls, torch.tensor(ids))
    assert_close(losses["loss_triplet"], want)
    normalised = nn.functional.batch_norm(cls, None, None, training=True)
    logits = normalised @ model.classifiers["whole"].linear.weight.T
    want = nn.functional.cross_entropy(logits, torch.tensor(ids), label_smoothing=0.1)
    assert_close(losses["loss_id"], want)
    assert_close(
        losses["accuracy"], (logits.argmax(1) == torch.tensor(ids)).float().mean()
    )


def test_every_parameter_gets_a_gradient():
    model = tiny_model(backbone=dict(TINY_VIT, num_cameras=2)).train()
    losses = model.loss(torch.randn(4, 3, 64, 32), make_samples([0, 0, 1, -1], [0] * 4))
    (losses["loss_id"] + losses["loss_triplet"]).backward()
    unreached = [
        name
        for name, p in model.named_parameters()
        if p.requires_grad and p.grad is None
    ]
    assert unreached == []
    assert not model.heads["whole"].bottleneck.bias.requires_grad


@pytest.mark.parametrize("ids", [[-1, -1], [2]])
def test_batches_that_teach_little_give_finite_losses(ids):
    model = tiny_model().train()
    losses = model.loss(torch.randn(len(ids), 3, 64, 32), make_samples(ids))
    assert all(value.isfinite() for value in losses.values())
    assert losses["loss_triplet"] == 0


def test_predict_puts_embeddings_into_the_samples():
    model, images = tiny_model().eval(), torch.randn(3, 3, 64, 32)
    samples = model.predict(images, make_samples([7, 8, 7]))
    assert [s.person_id for s in samples] == [7, 8, 7]
    got = torch.stack([s.embedding for s in samples])
    assert_close(got, model.extract(images))
    assert_close(got, model(images, mode="tensor"))


def test_cameras_reach_the_backbone():
    model = tiny_model(backbone=dict(TINY_VIT, num_cameras=2)).eval()
    images = torch.randn(1, 3, 64, 32).expand(3, -1, -1, -1)
    first, second, unknown = (
        s.embedding for s in model.predict(images, make_samples([0] * 3, [0, 1, -1]))
    )
    assert not torch.allclose(first, second)
    assert_close(unknown, model.extract(images[:1])[0])


def test_without_identities_it_is_for_testing():
    model = tiny_model(num_identities=None)
    assert not len(model.classifiers) and not len(model.metric_losses)
    with pytest.raises(ValueError, match="training needs model.num_identities"):
        model.loss(torch.randn(1, 3, 64, 32), make_samples([0]))


SWIN = dict(embed_dims=24, depths=[1, 1, 1, 1], num_heads=[1, 2, 4, 8])


@pytest.mark.parametrize(
    "backbone",
    [
        dict(type="mmpretrain.SwinTransformer", arch=SWIN, pad_small_map=True),
        dict(type="mmpsearch.SemanticSwin", arch=SWIN),
    ],
    ids=["mmpretrain", "solider"],
)
def test_swin_is_a_backbone(backbone):
    model = tiny_model(
        backbone=backbone,
        neck=dict(type="mmpsearch.GlobalPoolNeck"),
        heads={"whole": dict(type="mmpsearch.EmbeddingHead", in_channels=192)},
    )
    losses = model.loss(torch.randn(4, 3, 128, 64), make_samples([0, 0, 1, 1]))
    sum(value for key, value in losses.items() if "loss" in key).backward()
    assert model.backbone.patch_embed.projection.weight.grad.abs().sum() > 0
    assert model.extract(torch.randn(2, 3, 128, 64)).shape == (2, 192)


def test_wrong_settings_are_refused():
    with pytest.raises(ValueError, match="num_identities must be positive, got 0"):
        tiny_model(num_identities=0)
    head = dict(type="mmpsearch.EmbeddingHead", in_channels=24)
    model = tiny_model(heads={"whole": head, "part": head})
    with pytest.raises(ValueError, match="TokenNeck gives the parts whole, but"):
        model.extract(torch.randn(1, 3, 64, 32))
    with pytest.raises(ValueError, match="person id 5"):
        tiny_model().loss(torch.randn(1, 3, 64, 32), make_samples([5]))
    with pytest.raises(ValueError, match="mode must be"):
        model(torch.randn(1, 3, 64, 32), mode="test")


def run(own):
    generator = torch.Generator().manual_seed(3)
    # float64: the batch norm of class tokens that are much alike enlarges rounding
    images = torch.randn(8, 3, 64, 32, generator=generator).double()
    ids = [0, 0, 1, 1, 0, 2, 2, 3]
    model = tiny_model().double().train()
    losses = model.loss(images[own], make_samples(ids[own]))
    sum(v for k, v in losses.items() if k.startswith("loss")).backward()
    gradients = {n: p.grad for n, p in model.named_parameters() if p.requires_grad}
    return {k: v.detach() for k, v in losses.items() if "loss" in k}, gradients


def on_rank(rank):
    return run(slice(0, 3) if rank == 0 else slice(3, 8))


def test_two_ranks_equal_one_process():
    losses, gradients = run(slice(0, 8))
    (losses_0, gradients_0), (losses_1, gradients_1) = run_two_ranks(on_rank)
    for name, value in losses.items():
        assert_close((losses_0[name] + losses_1[name]) / 2, value, msg=name)
    for name, value in gradients.items():
        both = (gradients_0[name] + gradients_1[name]) / 2
        assert_close(both, value, msg=name)


@torch.no_grad()
def test_modalities_reach_a_two_stream_backbone():
    backbone = dict(
        type="mmpsearch.TwoStreamResNet", depth=18, stem_channels=8, base_channels=4
    )
    model = tiny_model(
        backbone=backbone,
        neck=dict(type="mmpsearch.GlobalPoolNeck"),
        heads={"whole": dict(type="mmpsearch.EmbeddingHead", in_channels=32)},
    ).eval()
    images, samples = torch.randn(3, 3, 64, 32), make_samples([0, 1, 2])
    samples[1].modality, samples[2].modality = "ir", "rgb"  # the first does not say
    found = model.predict(images, samples)
    modalities = torch.tensor([0, 1, 0])
    for row, sample in enumerate(found):
        alone = model.extract(images[row : row + 1], None, modalities[row : row + 1])
        assert_close(sample.embedding, alone[0])
    with pytest.raises(ValueError, match="each image's modality"):
        model.extract(images)
