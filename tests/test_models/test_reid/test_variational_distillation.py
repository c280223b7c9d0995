import torch
import torch.nn.functional as F
from torch.testing import assert_close

from mmpsearch.models.reid.variational_distillation import grey_images
from mmpsearch.registry import MODELS
from tests.test_models.test_reid.test_ddag import make_samples

IDS, KINDS = [0, 1, 0, 1], ["rgb", "rgb", "ir", "ir"]


def tiny(**changes):
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type="mmpsearch.VariationalDistillation",
            backbone=dict(
                type="mmpsearch.ChannelAttentionResNet",
                depth=18,
                stem_channels=8,
                base_channels=4,
            ),
            in_channels=32,
            num_identities=3,
            **changes,
        )
    )


def test_grey_is_luminance():
    images = torch.tensor([1.0, 2.0, 3.0])[None, :, None, None]
    want = 0.2989 + 2 * 0.587 + 3 * 0.114
    assert_close(grey_images(images), torch.full((1, 3, 1, 1), want))


def test_embedding_has_the_four_observations():
    model, images = tiny().eval(), torch.randn(2, 3, 48, 24)
    got = model.predict(images, make_samples([0, 1], ["rgb", "ir"]))[1].embedding
    assert got.shape == (4 * 32,)
    grey, branches = grey_images(images), model.branches
    assert_close(got[:32], branches["infrared"].observe(grey)[1])
    assert_close(got[96:], branches["shared"].observe(images)[1])


def test_identity_and_rank_losses_weigh_the_paths():
    model, images = tiny().eval(), torch.randn(4, 3, 48, 24)  # no dropout
    ids, kinds = torch.tensor(IDS), torch.tensor([0, 0, 1, 1])
    losses, paths = model.loss(images, make_samples(IDS, KINDS)), {}
    paths = model.paths(images, ids)
    weights = dict(infrared=0.5, visible=0.5, shared_grey=0.25, shared=0.25)
    identity = sum(
        w * F.cross_entropy(logits, ids, label_smoothing=0.1)
        for name, w in weights.items()
        for logits in (paths[name].logits, paths[name].bottleneck.logits)
    )
    assert_close(losses["loss_id"], identity)
    rank = sum(
        w * model.rank_loss(vectors, ids, kinds)
        for name, w in weights.items()
        for vectors in (
            paths[name].observation,
            paths[name].bottleneck.representation,
        )
    )
    assert_close(losses["loss_rank"], rank)


def test_divergences_of_the_paper_and_of_the_code():
    images, samples = torch.randn(4, 3, 48, 24), make_samples(IDS, KINDS)
    paper = tiny(released_divergences=False).eval().loss(images, samples)
    code = tiny().eval().loss(images, samples)
    # predictions start nearly uniform, and alike
    for name in ("loss_vsd", "loss_vcd"):
        assert_close(paper[name], torch.tensor(0.0), atol=1e-3, rtol=0)
    want = 2 * 2 * (torch.tensor(1 / 3).log() - 1 / 3) / 3
    assert_close(code["loss_vsd"], want, atol=0.05, rtol=0)
    assert_close(code["loss_mutual"], paper["loss_mutual"])


def test_every_parameter_learns():
    model = tiny().train()
    losses = model.loss(torch.randn(4, 3, 48, 24), make_samples(IDS, KINDS))
    assert all(value.isfinite() for value in losses.values())
    sum(value for name, value in losses.items() if name != "accuracy").backward()
    unreached = [
        n for n, p in model.named_parameters() if p.requires_grad and p.grad is None
    ]
    assert unreached == []
