"""Box features from one feature map."""

import torch
from torch import Tensor
from torchvision.ops import roi_align

from .precision import at_least_float32


def pool_boxes(
    feature_map: Tensor,
    boxes: Tensor,
    image_index: Tensor,
    output_size: tuple[int, int],
    stride: int,
) -> Tensor:
    """RoIAlign with two samples per bin and side, without the half-pixel shift.

    Args:
        feature_map: ``(B, C, h, w)``.
        boxes: ``(N, 4)`` xyxy in pixels of the network input.
        image_index: ``(N,)`` int64, the image each box lies in.
        output_size: rows and columns of the result.
        stride: pixels of the network input per cell of the map.

    Returns:
        ``(N, C, *output_size)``, of the map's dtype.
    """
    # Half precision knows no pixel beyond 256 (bfloat16) or 2048 (float16) exactly:
    # boxes stay in float32, and the map has to follow them.
    boxes = at_least_float32(boxes)
    pooled = roi_align(
        feature_map.to(boxes.dtype),
        torch.cat([image_index[:, None].to(boxes.dtype), boxes], dim=1),
        output_size,
        spatial_scale=1.0 / stride,
        sampling_ratio=2,
        aligned=False,
    )
    return pooled.to(feature_map.dtype)
