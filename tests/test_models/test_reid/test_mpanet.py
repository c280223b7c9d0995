import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from mmpsearch.models.reid.modality_learning import mask_separation
from mmpsearch.registry import MODELS
from mmpsearch.utils.schedules import TrainingProgress
from tests.distributed import run_two_ranks
from tests.test_models.test_reid.test_ddag import make_samples

IDS, KINDS = [0, 1, 0, 1], ["rgb", "rgb", "ir", "ir"]


def tiny(**changes):
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type="mmpsearch.MPANet",
            backbone=dict(
                type="mmpsearch.AlleviatedResNet",
                depth=18,
                stem_channels=8,
                base_channels=4,
                norm_cfg=dict(type="mmpsearch.SafeBatchNorm2d"),
            ),
            neck=dict(type="mmpsearch.PatternAlignmentNeck", in_channels=32),
            heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=7 * 32)),
            num_identities=3,
            identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0),
            metric_losses=dict(
                center=dict(
                    type="mmpsearch.EmbeddingLoss",
                    loss=dict(type="mmpsearch.CenterClusterLoss", margin=0.7),
                )
            ),
            **changes,
        )
    )


def test_losses_by_their_definitions():
    model, images = tiny().train(), torch.randn(4, 3, 48, 24)
    model.start_iteration(TrainingProgress(0, 0, 4))
    model.average_weights.normal_(std=0.1)
    losses = model.loss(images, make_samples(IDS, KINDS))
    maps, ids = model.features(images), torch.tensor(IDS)
    want = 0.5 * mask_separation(model.neck.masks(maps)).mean()
    assert_close(losses["loss_separation"], want)
    vectors = model.heads["whole"](model.neck(maps)["whole"]).after_bn
    rgb, ir = (layer.weight for layer in model.modality_classifiers)
    own = torch.cat([vectors[:2] @ rgb.T, vectors[2:] @ ir.T])
    entropies = [F.cross_entropy(own[:2], ids[:2]), F.cross_entropy(own[2:], ids[2:])]
    assert_close(losses["loss_modality"], sum(entropies))
    averaged_rgb, averaged_ir = model.average_weights
    other = torch.cat([vectors[:2] @ averaged_ir.T, vectors[2:] @ averaged_rgb.T])
    divergence = F.kl_div(
        other.log_softmax(dim=1), own.softmax(dim=1), reduction="batchmean"
    )
    assert_close(losses["loss_divergence"], 2.5 * divergence)


def test_every_parameter_learns():
    model = tiny().train()
    model.start_iteration(TrainingProgress(0, 0, 4))
    losses = model.loss(torch.randn(4, 3, 48, 24), make_samples(IDS, KINDS))
    sum(value for name, value in losses.items() if name != "accuracy").backward()
    unreached = [
        n for n, p in model.named_parameters() if p.requires_grad and p.grad is None
    ]
    assert unreached == []


def test_averages_follow_the_classifiers():
    model = tiny()
    before = model.average_weights.clone()
    with torch.no_grad():
        for layer in model.modality_classifiers:
            layer.weight.add_(1)
    model.start_iteration(TrainingProgress(0, 0, 4))
    assert_close(model.average_weights, before + 0.2)
    model.start_iteration(TrainingProgress(399, 3, 4))
    assert_close(model.average_weights, before + 0.2 + 0.8 * 0.05)


def test_needs_the_progress_of_training():
    with pytest.raises(RuntimeError, match="TrainingProgressHook"):
        tiny().loss(torch.randn(4, 3, 48, 24), make_samples(IDS, KINDS))


def total(images, ids, kinds):
    model = tiny().train()
    model.start_iteration(TrainingProgress(0, 0, 4))
    losses = model.loss(images, make_samples(ids, kinds))
    return torch.stack(
        [losses[k] for k in sorted(losses) if k.startswith("loss")]
    ).detach()


def on_rank(rank, images):
    return total(images[rank::2], IDS[rank::2], KINDS[rank::2])


def test_two_ranks_equal_one_process():
    images = torch.randn(4, 3, 48, 24)
    first, second = run_two_ranks(on_rank, images)
    assert_close((first + second) / 2, total(images, IDS, KINDS), atol=1e-4, rtol=1e-4)
