"""Operators of ``mmcv._ext`` made of torchvision's and PyTorch's, same signatures.

MMCV's Python layers call these by the names and arguments of the compiled module:
results that the compiled function writes into a tensor it is given are written in
place here too. Everything runs on the device of its arguments. Used by
`mmpsearch.ops.mmcv_stand_in` only.
"""

import torch
import torch.nn.functional as F
import torchvision  # noqa: F401  (registers torch.ops.torchvision)
from torch import Tensor

OPS = (
    "get_compiler_version",
    "get_compiling_cuda_version",
    "nms",
    "roi_align_forward",
    "roi_align_backward",
    "sigmoid_focal_loss_forward",
    "sigmoid_focal_loss_backward",
    "ms_deform_attn_forward",
    "ms_deform_attn_backward",
)


def get_compiler_version() -> str:
    """What MMCV reports as its compiler."""
    return "none (mmpsearch's stand-in for mmcv._ext)"


def get_compiling_cuda_version() -> str:
    """What MMCV reports as the CUDA version that it was compiled with."""
    return "none (torchvision's kernels)"


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float, offset: int) -> Tensor:
    """Indices (int64) of the kept boxes, best score first.

    Args:
        boxes: (N, 4) xyxy.
        scores: (N,).
        iou_threshold: a box is dropped when its IoU with a better one is greater.
        offset: 0. MMDetection 2's convention 1 (width = x2 - x1 + 1) is rejected.
    """
    if offset != 0:
        raise ValueError(
            f"nms: offset={offset} is not supported without MMCV's compiled module; "
            "use offset=0 (width = x2 - x1), the convention of MMDetection 3"
        )
    return torch.ops.torchvision.nms(boxes.float(), scores.float(), iou_threshold)


def _require_average(pool_mode: int) -> None:
    if pool_mode != 1:
        raise ValueError(
            "roi_align: pool_mode='max' is not supported without MMCV's compiled "
            "module; use pool_mode='avg'"
        )


def roi_align_forward(
    input: Tensor,
    rois: Tensor,
    output: Tensor,
    argmax_y: Tensor,
    argmax_x: Tensor,
    aligned_height: int,
    aligned_width: int,
    spatial_scale: float,
    sampling_ratio: int,
    pool_mode: int,
    aligned: bool,
) -> None:
    """Fill ``output`` (K, C, h, w) from ``input`` (B, C, H, W) and ``rois`` (K, 5).

    A row of ``rois`` is (image, x1, y1, x2, y2). ``argmax_*`` belong to max pooling,
    which is rejected, and stay untouched.
    """
    _require_average(pool_mode)
    output.copy_(
        torch.ops.torchvision.roi_align(
            input,
            rois.to(input.dtype),
            spatial_scale,
            aligned_height,
            aligned_width,
            sampling_ratio,
            aligned,
        )
    )


def roi_align_backward(
    grad_output: Tensor,
    rois: Tensor,
    argmax_y: Tensor,
    argmax_x: Tensor,
    grad_input: Tensor,
    aligned_height: int,
    aligned_width: int,
    spatial_scale: float,
    sampling_ratio: int,
    pool_mode: int,
    aligned: bool,
) -> None:
    """Fill ``grad_input`` (B, C, H, W) from ``grad_output`` (K, C, h, w)."""
    _require_average(pool_mode)
    grad_input.copy_(
        torch.ops.torchvision._roi_align_backward(
            grad_output,
            rois.to(grad_output.dtype),
            spatial_scale,
            aligned_height,
            aligned_width,
            *grad_input.shape,
            sampling_ratio,
            aligned,
        )
    )


def _focal_masks(
    input: Tensor, target: Tensor, weight: Tensor, alpha: float
) -> tuple[Tensor, Tensor]:
    """Factors (N, C) of the positive and of the negative term: alpha and weights."""
    classes = input.shape[1]
    positive = F.one_hot(target.clamp(0, classes), classes + 1)[:, :classes].bool()
    positive &= (target >= 0)[:, None]
    scale = input.new_ones(len(input), 1)
    if weight.numel():
        # Background (target == classes) has no class weight: it counts 1.
        padded = torch.cat((weight.to(input.dtype), weight.new_ones(1).to(input)))
        scale = padded[target.clamp(0, classes)][:, None]
    return scale * alpha * positive, scale * (1 - alpha) * ~positive


def sigmoid_focal_loss_forward(
    input: Tensor,
    target: Tensor,
    weight: Tensor,
    output: Tensor,
    gamma: float,
    alpha: float,
) -> None:
    """Fill ``output`` (N, C) with the focal loss of every logit.

    Args:
        input: (N, C) logits.
        target: (N,) int64 class of each row; C means background.
        weight: (C,) weight of a row by its class, or empty.
        output: (N, C), written.
        gamma, alpha: of "Focal Loss for Dense Object Detection" (arXiv 1708.02002),
            equation 5.
    """
    logits = input.float()
    p = logits.sigmoid()
    positive, negative = _focal_masks(logits, target, weight, alpha)
    loss = -positive * (1 - p) ** gamma * F.logsigmoid(logits)
    loss -= negative * p**gamma * F.logsigmoid(-logits)
    output.copy_(loss)


def sigmoid_focal_loss_backward(
    input: Tensor,
    target: Tensor,
    weight: Tensor,
    grad_input: Tensor,
    gamma: float,
    alpha: float,
) -> None:
    """Fill ``grad_input`` (N, C) with d loss / d input; arguments as forward's."""
    logits = input.float()
    p = logits.sigmoid()
    positive, negative = _focal_masks(logits, target, weight, alpha)
    rise = (1 - p) ** gamma * (1 - p - gamma * p * F.logsigmoid(logits))
    fall = p**gamma * (gamma * (1 - p) * F.logsigmoid(-logits) - p)
    grad_input.copy_(-positive * rise - negative * fall)


def ms_deform_attn_forward(
    value: Tensor,
    value_spatial_shapes: Tensor,
    value_level_start_index: Tensor,
    sampling_locations: Tensor,
    attention_weights: Tensor,
    im2col_step: int,
) -> Tensor:
    """Multi-scale deformable attention, by MMCV's own PyTorch version of it.

    Args:
        value: (B, sum of H*W, heads, channels).
        value_spatial_shapes: (L, 2) int64 (H, W) of each level.
        value_level_start_index: (L,) unused: follows from the shapes.
        sampling_locations: (B, Q, heads, L, points, 2) xy in [0, 1].
        attention_weights: (B, Q, heads, L, points).
        im2col_step: unused: a matter of the compiled kernel.

    Returns:
        (B, Q, heads * channels).
    """
    from mmcv.ops.multi_scale_deform_attn import multi_scale_deformable_attn_pytorch

    return multi_scale_deformable_attn_pytorch(
        value, value_spatial_shapes.tolist(), sampling_locations, attention_weights
    )


def ms_deform_attn_backward(
    value: Tensor,
    value_spatial_shapes: Tensor,
    value_level_start_index: Tensor,
    sampling_locations: Tensor,
    attention_weights: Tensor,
    grad_output: Tensor,
    grad_value: Tensor,
    grad_sampling_loc: Tensor,
    grad_attn_weight: Tensor,
    im2col_step: int,
) -> None:
    """Fill the three gradients; runs the forward pass once more for them."""
    inputs = [
        tensor.detach().requires_grad_()
        for tensor in (value, sampling_locations, attention_weights)
    ]
    with torch.enable_grad():
        output = ms_deform_attn_forward(
            inputs[0],
            value_spatial_shapes,
            value_level_start_index,
            inputs[1],
            inputs[2],
            im2col_step,
        )
    gradients = torch.autograd.grad(output, inputs, grad_output)
    targets = (grad_value, grad_sampling_loc, grad_attn_weight)
    for target, gradient in zip(targets, gradients, strict=True):
        target.copy_(gradient)
