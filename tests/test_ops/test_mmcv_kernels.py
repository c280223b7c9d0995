"""The stand-in's operators against references; called as MMCV's layers call them."""

import pytest
import torch
import torch.nn.functional as F
import torchvision

from mmpsearch.ops import mmcv_kernels, mmcv_stand_in


def test_nms_keeps_best_first_and_rejects_offset():
    boxes = torch.tensor([[0, 0, 10, 10], [0, 0, 10, 9], [20, 20, 30, 30]]).float()
    scores = torch.tensor([0.5, 0.9, 0.7])
    assert mmcv_kernels.nms(boxes, scores, 0.5, 0).tolist() == [1, 2]
    assert mmcv_kernels.nms(boxes, scores, 0.91, 0).tolist() == [1, 2, 0]
    assert mmcv_kernels.nms(boxes[:0], scores[:0], 0.5, 0).tolist() == []
    assert mmcv_kernels.nms(boxes, scores.half(), 0.5, 0).tolist() == [1, 2]
    with pytest.raises(ValueError, match="offset=1 is not supported"):
        mmcv_kernels.nms(boxes, scores, 0.5, 1)


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("sampling_ratio", [0, 2])
def test_mmcv_roi_align_equals_torchvision(aligned, sampling_ratio):
    from mmcv.ops import roi_align

    torch.manual_seed(0)
    features = torch.rand(2, 3, 12, 16)
    corner = torch.rand(5, 2) * 20
    rois = torch.cat((torch.tensor([[0.0], [1], [1], [0], [1]]), corner), 1)
    rois = torch.cat((rois, corner + torch.rand(5, 2) * 30), 1)
    arguments = (3, 4), 0.5, sampling_ratio
    gradients = []
    for function, mode in (
        (roi_align, ("avg", aligned)),
        (torchvision.ops.roi_align, (aligned,)),
    ):
        leaf = features.clone().requires_grad_()
        output = function(leaf, rois, *arguments, *mode)
        output.square().sum().backward()
        gradients.append((output.detach(), leaf.grad))
    assert torch.equal(gradients[0][0], gradients[1][0])
    assert torch.equal(gradients[0][1], gradients[1][1])


def test_roi_align_rejects_max_pooling():
    from mmcv.ops import roi_align

    if not mmcv_stand_in.is_stand_in():
        pytest.skip("MMCV's compiled module is there")
    with pytest.raises(ValueError, match="pool_mode='max' is not supported"):
        roi_align(torch.rand(1, 1, 4, 4), torch.rand(1, 5), 2, 1.0, 0, "max", True)


@pytest.mark.parametrize("gamma, alpha", [(2.0, 0.25), (1.5, 0.6)])
@pytest.mark.parametrize("weighted", [False, True])
def test_sigmoid_focal_loss_equals_python_version(gamma, alpha, weighted):
    from mmdet.models.losses.focal_loss import py_sigmoid_focal_loss

    torch.manual_seed(0)
    logits = (torch.randn(7, 3) * 4).double().requires_grad_()
    target = torch.tensor([0, 1, 2, 3, 3, 0, 1])  # 3 is background
    weight = torch.tensor([0.5, 2.0, 3.0]).double() if weighted else torch.empty(0)
    one_hot = F.one_hot(target, 4)[:, :3]
    expected = py_sigmoid_focal_loss(
        logits, one_hot, gamma=gamma, alpha=alpha, reduction="none"
    )
    if weighted:
        expected = expected * torch.cat((weight, weight.new_ones(1)))[target][:, None]
    (gradient,) = torch.autograd.grad(expected.sum(), logits)

    output, grad_input = torch.zeros(2, 7, 3).double()
    arguments = logits.detach(), target, weight
    mmcv_kernels.sigmoid_focal_loss_forward(
        *arguments, output, gamma=gamma, alpha=alpha
    )
    mmcv_kernels.sigmoid_focal_loss_backward(
        *arguments, grad_input, gamma=gamma, alpha=alpha
    )
    torch.testing.assert_close(output, expected.detach(), rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(grad_input, gradient, rtol=1e-4, atol=1e-6)


def test_sigmoid_focal_loss_is_finite_for_extreme_logits():
    logits = torch.tensor([[200.0, -200.0]])
    for target in (0, 1, 2):
        output, grad_input = torch.zeros(2, 1, 2)
        arguments = logits, torch.tensor([target]), torch.empty(0)
        mmcv_kernels.sigmoid_focal_loss_forward(*arguments, output, 2.0, 0.25)
        mmcv_kernels.sigmoid_focal_loss_backward(*arguments, grad_input, 2.0, 0.25)
        assert output.isfinite().all() and grad_input.isfinite().all()


def test_mmcv_focal_loss_layer_runs_on_the_stand_in():
    from mmcv.ops import sigmoid_focal_loss

    if not mmcv_stand_in.is_stand_in():
        pytest.skip("MMCV's compiled module is there")
    logits = torch.zeros(2, 1, requires_grad=True)
    loss = sigmoid_focal_loss(logits, torch.tensor([0, 1]), 2.0, 0.25, None, "sum")
    loss.backward()
    # p = 0.5: 0.25 * 0.25 * ln 2 for the positive, 0.75 * 0.25 * ln 2 else
    assert loss.item() == pytest.approx(0.25 * 0.6931472)
    ln2 = 0.6931472
    rise, fall = 0.25 * (0.5 + ln2), 0.25 * (-ln2 - 0.5)
    assert logits.grad[:, 0].tolist() == pytest.approx([-0.25 * rise, -0.75 * fall])


def _slow_deformable_attention(value, shapes, locations, weights):
    """Bilinear sampling with zeros outside, one scalar at a time."""
    batch, _, heads, channels = value.shape
    _, queries, _, levels, points, _ = locations.shape
    output = value.new_zeros(batch, queries, heads, channels)
    starts = [0, *torch.cumsum(shapes.prod(1), 0).tolist()]
    for b in range(batch):
        for q in range(queries):
            for h in range(heads):
                for level in range(levels):
                    height, width = shapes[level].tolist()
                    grid = value[b, starts[level] : starts[level + 1], h]
                    grid = grid.reshape(height, width, channels)
                    for p in range(points):
                        x = locations[b, q, h, level, p, 0] * width - 0.5
                        y = locations[b, q, h, level, p, 1] * height - 0.5
                        for row in (int(y.floor()), int(y.floor()) + 1):
                            for column in (int(x.floor()), int(x.floor()) + 1):
                                if 0 <= row < height and 0 <= column < width:
                                    share = (1 - (y - row).abs()) * (
                                        1 - (x - column).abs()
                                    )
                                    output[b, q, h] += (
                                        weights[b, q, h, level, p]
                                        * share
                                        * grid[row, column]
                                    )
    return output.flatten(2)


def test_deformable_attention_and_gradients_equal_slow_reference():
    from mmcv.ops.multi_scale_deform_attn import MultiScaleDeformableAttnFunction

    if not mmcv_stand_in.is_stand_in():
        pytest.skip("MMCV's compiled module is there")
    torch.manual_seed(0)
    shapes = torch.tensor([[3, 4], [2, 2]])
    starts = torch.tensor([0, 12])
    value = torch.randn(2, 16, 2, 3).double()
    locations = (torch.rand(2, 3, 2, 2, 2, 2) * 1.4 - 0.2).double()
    weights = torch.rand(2, 3, 2, 2, 2).double()
    results = []
    for function in ("stand-in", "slow"):
        leaves = [t.clone().requires_grad_() for t in (value, locations, weights)]
        if function == "slow":
            output = _slow_deformable_attention(leaves[0], shapes, *leaves[1:])
        else:  # the layer's GPU path, which calls forward and backward
            output = MultiScaleDeformableAttnFunction.apply(
                leaves[0], shapes, starts, leaves[1], leaves[2], 64
            )
        output.square().sum().backward()
        results.append([output.detach(), *(leaf.grad for leaf in leaves)])
    for ours, slow in zip(*results, strict=True):
        torch.testing.assert_close(ours, slow)


def test_stand_in_equals_the_compiled_module():
    if mmcv_stand_in.is_stand_in():
        pytest.skip("MMCV's compiled module is not there")
    import mmcv._ext as compiled

    torch.manual_seed(0)
    corner = torch.rand(200, 2) * 50
    boxes = torch.cat((corner, corner + 5 + torch.rand(200, 2) * 30), 1)
    scores = torch.rand(200)
    theirs = compiled.nms(boxes, scores, iou_threshold=0.4, offset=0)
    assert torch.equal(mmcv_kernels.nms(boxes, scores, 0.4, 0), theirs)

    features, grad = torch.rand(1, 4, 20, 20), torch.rand(200, 4, 7, 7)
    rois = torch.cat((torch.zeros(200, 1), boxes), 1)
    unused = torch.empty(0)
    tail = 7, 7, 0.25, 2, 1, True
    outputs, gradients = torch.zeros(2, 200, 4, 7, 7), torch.zeros(2, 1, 4, 20, 20)
    for module, output, gradient in zip(
        (mmcv_kernels, compiled), outputs, gradients, strict=True
    ):
        module.roi_align_forward(features, rois, output, unused, unused, *tail)
        module.roi_align_backward(grad, rois, unused, unused, gradient, *tail)
    torch.testing.assert_close(*outputs)
    torch.testing.assert_close(*gradients)
