"""Box arithmetic against torchvision, the public implementation and by hand."""

import math

import torch
from torchvision.models.detection._utils import BoxCoder
from torchvision.ops import box_iou, clip_boxes_to_image

from mmpsearch.models.layers.boxes import (
    clip_to_images,
    decode_boxes,
    encode_boxes,
    paired_iou,
)
from tests.test_models.golden import golden_tensors


def random_boxes(number, generator, extent=200.0):
    corner = torch.rand(number, 2, generator=generator) * extent
    size = torch.rand(number, 2, generator=generator) * 80 + 1
    return torch.cat([corner, corner + size], dim=1)


def test_decode_equals_the_public_numbers():
    expected = golden_tensors("losses_detection_alone")
    boxes = decode_boxes(expected["reg"], expected["anchor_boxes"])
    torch.testing.assert_close(boxes, expected["decoded"])


def test_decode_by_hand():
    boxes = torch.tensor([[10.0, 20.0, 30.0, 60.0]])  # 20 x 40 around (20, 40)
    deltas = torch.tensor([[0.5, -0.25, math.log(2), math.log(0.5)]])
    # centre (30, 30), 40 x 20
    torch.testing.assert_close(
        decode_boxes(deltas, boxes), torch.tensor([[10.0, 20.0, 50.0, 40.0]])
    )
    assert torch.equal(decode_boxes(torch.zeros(1, 4), boxes), boxes)


def test_growth_is_limited_and_shrinking_is_not():
    boxes = torch.tensor([[10.0, 10.0, 60.0, 90.0]])
    grown = decode_boxes(torch.tensor([[0.0, 0.0, 50.0, 50.0]]), boxes)
    expected = golden_tensors("losses_detection_alone")["decoded_clip_big"]
    torch.testing.assert_close(grown, expected)
    shrunk = decode_boxes(torch.tensor([[0.0, 0.0, -20.0, -20.0]]), boxes)
    assert (shrunk[:, 2:] - shrunk[:, :2]).max() < 1e-4


def test_decode_equals_torchvision_on_any_leading_shape():
    generator = torch.Generator().manual_seed(0)
    boxes = random_boxes(24, generator)
    deltas = torch.randn(24, 4, generator=generator)
    theirs = BoxCoder(weights=(1.0, 1.0, 1.0, 1.0)).decode_single(deltas, boxes)
    torch.testing.assert_close(decode_boxes(deltas, boxes), theirs)
    nested = decode_boxes(deltas.view(2, 3, 4, 4), boxes.view(2, 3, 4, 4))
    torch.testing.assert_close(nested.view(24, 4), theirs)
    assert decode_boxes(deltas[:0], boxes[:0]).shape == (0, 4)


def test_encoding_is_torchvisions_and_undone_by_decoding():
    generator = torch.Generator().manual_seed(2)
    boxes, targets = (random_boxes(24, generator) for _ in range(2))
    for weights in (None, (10.0, 10.0, 5.0, 5.0)):
        deltas = encode_boxes(targets, boxes, weights)
        theirs = BoxCoder(weights or (1.0,) * 4).encode_single(targets, boxes)
        torch.testing.assert_close(deltas, theirs)
        torch.testing.assert_close(decode_boxes(deltas, boxes, weights), targets)


def test_every_box_is_clipped_to_its_own_image():
    generator = torch.Generator().manual_seed(1)
    boxes = random_boxes(30, generator) - 50
    sizes = torch.tensor([[100, 60], [40, 150], [200, 200]])
    index = torch.arange(3).repeat_interleave(10)
    clipped = clip_to_images(boxes, index, sizes)
    for image, size in enumerate(sizes.tolist()):
        own = index == image
        assert torch.equal(clipped[own], clip_boxes_to_image(boxes[own], size))
    order = torch.randperm(30, generator=generator)
    assert torch.equal(
        clip_to_images(boxes[order], index[order], sizes), clipped[order]
    )
    assert clip_to_images(boxes[:0], index[:0], sizes).shape == (0, 4)


def test_paired_iou():
    expected = golden_tensors("losses_detection_alone")
    iou = paired_iou(expected["decoded"], expected["gt_boxes"])
    torch.testing.assert_close(iou, expected["iou_ew"])
    generator = torch.Generator().manual_seed(2)
    first, second = (random_boxes(40, generator, 60.0) for _ in range(2))
    torch.testing.assert_close(
        paired_iou(first, second), box_iou(first, second).diagonal()
    )
    torch.testing.assert_close(paired_iou(first, second), paired_iou(second, first))
    torch.testing.assert_close(paired_iou(first, first), torch.ones(40))


def test_iou_of_empty_boxes_is_zero():
    point = torch.tensor([[5.0, 5.0, 5.0, 5.0]])
    assert paired_iou(point, point).tolist() == [0]
    assert paired_iou(point[:0], point[:0]).shape == (0,)
