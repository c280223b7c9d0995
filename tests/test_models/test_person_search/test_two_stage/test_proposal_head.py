"""Proposals: torchvision's anchors, choices that follow the sample."""

import pytest
import torch
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList

from mmpsearch.models.person_search.two_stage.proposal_head import (
    RoundedAnchorGenerator,
    cpu_seed,
)
from mmpsearch.registry import MODELS
from tests.test_models.tiny_two_stage import CHANNELS, RPN, two_stage_scene


def test_anchors_are_torchvisions():
    ours = RoundedAnchorGenerator(
        strides=[16], ratios=[0.5, 1.0, 2.0], scales=[2, 4, 8, 16, 32]
    ).grid_priors([(3, 4)], device="cpu")[0]
    sizes = ((32, 64, 128, 256, 512),)
    reference = AnchorGenerator(sizes, ((0.5, 1.0, 2.0),))
    images = ImageList(torch.zeros(1, 3, 48, 64), [(48, 64)])
    expected = reference(images, [torch.zeros(1, 8, 3, 4)])[0]
    torch.testing.assert_close(ours, expected)


def test_a_seed_inside_leaves_the_outside_alone():
    torch.manual_seed(0)
    expected = torch.rand(2)
    torch.manual_seed(0)
    first = torch.rand(1)
    with cpu_seed(5):
        inside = torch.rand(1)
    with cpu_seed(5):
        assert torch.rand(1) == inside
    with cpu_seed(None):
        assert torch.equal(torch.cat([first, torch.rand(1)]), expected)


def test_scores_and_deltas_in_mixed_precision():
    head = MODELS.build(RPN)
    features = torch.randn(1, 4 * CHANNELS, 4, 5)
    with torch.autocast("cpu", torch.bfloat16):
        outputs = head.forward_single(features)
    assert [output.dtype for output in outputs] == [torch.float32] * 2


@pytest.mark.parametrize("number", [1, 2])
def test_an_images_anchors_do_not_depend_on_the_batch(number):
    torch.manual_seed(number)  # nor on what was drawn before
    head = MODELS.build(RPN)
    head.train_cfg.sampler.num = 8
    _, samples = two_stage_scene(2)
    metas = [sample.metainfo for sample in samples]
    anchors, flags = head.get_anchors([(8, 12)], metas, device="cpu")
    targets = [
        head._get_targets_single(
            anchors[i][0], flags[i][0], samples[i].gt_instances, metas[i], None
        )
        for i in range(2 - number, 2)
    ]
    chosen = targets[-1][1].nonzero().flatten()
    torch.manual_seed(99)
    again = head._get_targets_single(
        anchors[1][0], flags[1][0], samples[1].gt_instances, metas[1], None
    )
    assert torch.equal(chosen, again[1].nonzero().flatten())
    assert len(chosen) > 0


def test_losses_are_means_over_the_sampled_anchors():
    torch.manual_seed(0)
    head = MODELS.build(RPN)
    _, samples = two_stage_scene(2)
    losses, proposals = head.loss_and_predict(
        (torch.randn(2, 4 * CHANNELS, 8, 12),), samples
    )
    assert 0.3 < sum(losses["loss_rpn_cls"]) < 1.5
    assert len(proposals) == 2 and 0 < len(proposals[0].bboxes) <= 12
