"""Box features from one feature map."""

import torch
from torch import Tensor
from torchvision.ops import RoIAlign

from mmpsearch.models.layers.precision import at_least_float32


def pool_boxes(
    roi_align: RoIAlign, feature_map: Tensor, boxes: Tensor, image_index: Tensor
) -> Tensor:
    """RoIAlign that knows where boxes are, also of maps in half precision.

    Args:
        roi_align: torchvision's, with size, scale and samples per bin.
        feature_map: ``(B, C, h, w)``.
        boxes: ``(N, 4)`` xyxy in pixels of the network input.
        image_index: ``(N,)`` int64, the image each box lies in.

    Returns:
        ``(N, C, rows, columns)``, of the map's dtype.
    """
    # Half precision knows no pixel beyond 256 (bfloat16) or 2048 (float16) exactly:
    # boxes stay in float32, and the map has to follow them.
    values = at_least_float32(feature_map)
    boxes = boxes.to(values.dtype)
    rois = torch.cat([image_index[:, None].to(boxes.dtype), boxes], dim=1)
    return roi_align(values, rois).to(feature_map.dtype)
