"""Object-centric training against plain loops."""

import pytest
import torch
import torch.nn.functional as F
from torchvision.models.detection._utils import Matcher
from torchvision.ops import box_iou, generalized_box_iou

from mmpsearch.models.layers.boxes import decode_boxes
from mmpsearch.models.person_search.structures import GroundTruth
from tests.test_models.tiny_spnet import (
    EVERYTHING,
    NUM_ANCHORS,
    OIM,
    SEPARATE,
    scene,
    tiny_spnet,
)


def pathway(**changes):
    return {**EVERYTHING, **changes}


def run(model, inputs, samples):
    truth = GroundTruth.from_samples(samples, inputs.device)
    features = model.extract(inputs)
    return model.train_pathway.losses(model, features, truth, None)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ignore_iou": 0.5, "match_low_quality": False},  # as the paper's text
        {"match_iou": 0.7, "ignore_iou": 0.3},
    ],
)
@torch.no_grad()
def test_losses_equal_a_loop_over_images(options):
    model = tiny_spnet(train_pathway=pathway(**options), reid_loss=OIM)
    inputs, samples = scene()
    losses, *_ = run(model, inputs, samples)
    features = model.extract(inputs)
    embeddings, anchors = model.anchor_embedder(features.pyramid, (64, 96))
    assert len(anchors) == NUM_ANCHORS
    block = model.sp_blocks[0]
    settings = {
        "match_iou": 0.5,
        "ignore_iou": 0.4,
        "match_low_quality": True,
        **options,
    }
    matcher = Matcher(
        settings["match_iou"], settings["ignore_iou"], settings["match_low_quality"]
    )
    focal, giou, matches = 0.0, 0.0, 0
    for image, sample in enumerate(samples):
        boxes = sample.gt_instances.bboxes
        labels = matcher(box_iou(boxes, anchors))
        for anchor in range(len(anchors)):
            if labels[anchor] == -2:
                continue
            offset = block.object_offsets(embeddings[image, anchor])
            z = block.logits(offset.norm())
            p = z.sigmoid() if labels[anchor] >= 0 else (-z).sigmoid()
            focal += 0.5 * (1 - p) * -F.logsigmoid(z if labels[anchor] >= 0 else -z)
            if labels[anchor] >= 0:
                box = decode_boxes(block.regression(offset), anchors[anchor])
                target = boxes[labels[anchor]]
                giou += 1 - generalized_box_iou(box[None], target[None])[0, 0]
                matches += 1
    assert matches > 2
    torch.testing.assert_close(
        losses["loss_anchor"], focal / matches, rtol=1e-3, atol=0
    )
    torch.testing.assert_close(losses["loss_box_1"], giou / matches, rtol=1e-3, atol=0)


@torch.no_grad()
def test_first_stage_is_classified_on_request():
    inputs, samples = scene()
    plain, *_ = run(tiny_spnet(), inputs, samples)
    assert set(plain) == {"loss_anchor", "loss_box_1"}
    model = tiny_spnet(train_pathway=pathway(classify_first_stage=True))
    classified, *_ = run(model, inputs, samples)
    assert classified["loss_class_1"] > 0
    for name, value in plain.items():
        assert torch.equal(value, classified[name])


@torch.no_grad()
def test_a_loss_per_cascade_step():
    inputs, samples = scene()
    model = tiny_spnet(cascade_steps=2, detection_embedder=SEPARATE)
    losses, *_ = run(model, inputs, samples)
    names = {"loss_anchor", "loss_box_1"}
    names |= {f"loss_{kind}_{stage}" for kind in ("box", "class") for stage in (2, 3)}
    assert set(losses) == names


@torch.no_grad()
def test_reid_boxes_lie_on_their_person():
    model = tiny_spnet(train_pathway=pathway(reid_iou=0.6))
    inputs, samples = scene(4)
    _, boxes, image_index, person = run(model, inputs, samples)
    truth = GroundTruth.from_samples(samples, inputs.device)
    assert len(boxes) > 4
    iou = box_iou(boxes, truth.boxes).gather(1, person[:, None])
    assert iou.min() >= 0.6
    assert torch.equal(truth.image_index[person], image_index)


@torch.no_grad()
def test_anchor_loss_takes_all_anchors_the_others_a_sample():
    inputs, samples = scene()
    torch.manual_seed(0)
    all_losses, *_ = run(tiny_spnet(), inputs, samples)
    few = tiny_spnet(train_pathway=pathway(samples_per_image=2))
    losses, boxes, *_ = run(few, inputs, samples)
    assert torch.equal(losses["loss_anchor"], all_losses["loss_anchor"])
    assert len(boxes) <= 4


@torch.no_grad()
def test_sampled_offsets_are_those_of_their_anchors():
    """Norms are computed once for all anchors and then picked out."""
    model = tiny_spnet(train_pathway=pathway(classify_first_stage=True))
    inputs, samples = scene()
    losses, *_ = run(model, inputs, samples)
    features = model.extract(inputs)
    embeddings, anchors = model.anchor_embedder(features.pyramid, (64, 96))
    offsets = model.sp_blocks[0].object_offsets(embeddings)
    z = model.sp_blocks[0].logits(offsets.norm(dim=-1))
    truth = GroundTruth.from_samples(samples, inputs.device)
    matched = model.train_pathway._match(anchors, truth)
    kept = matched != -2
    expected = (
        F.binary_cross_entropy_with_logits(
            z[kept], (matched[kept] >= 0).float(), reduction="sum"
        )
        / (matched >= 0).sum()
    )
    torch.testing.assert_close(losses["loss_class_1"], expected, rtol=1e-4, atol=1e-5)
