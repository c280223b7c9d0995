"""Box features from one feature map."""

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.ops import roi_align

from .precision import at_least_float32

SAMPLES = 2  # per bin and side


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
        ``(N, C, *output_size)``, of the map's dtype; on the CPU in channels-last
        memory.
    """
    # Half precision knows no pixel beyond 256 (bfloat16) or 2048 (float16) exactly:
    # boxes stay in float32, and the map has to follow them.
    values = at_least_float32(feature_map)
    boxes = boxes.to(values.dtype)
    if feature_map.device.type == "cpu":
        pooled = weighted_cells(values, boxes, image_index, output_size, stride)
        return pooled.to(feature_map.dtype)
    pooled = roi_align(
        values,
        torch.cat([image_index[:, None].to(boxes.dtype), boxes], dim=1),
        output_size,
        spatial_scale=1.0 / stride,
        sampling_ratio=SAMPLES,
        aligned=False,
    )
    return pooled.to(feature_map.dtype)


def weighted_cells(
    feature_map: Tensor,
    boxes: Tensor,
    image_index: Tensor,
    output_size: tuple[int, int],
    stride: int,
) -> Tensor:
    """The same RoIAlign as sums of weighted cells, several times faster on CPUs.

    A bin is the mean of 2 x 2 samples and a sample the weighted mean of 2 x 2 cells:
    so a bin is a weighted sum of 16 vectors of the map.

    Args:
        feature_map: ``(B, C, h, w)``, best in channels-last memory.
        boxes: as in :func:`pool_boxes`, of the map's dtype.
        image_index: as in :func:`pool_boxes`.
        output_size: as in :func:`pool_boxes`.
        stride: as in :func:`pool_boxes`.

    Returns:
        ``(N, C, *output_size)`` in channels-last memory.
    """
    channels, height, width = feature_map.shape[1:]
    x, x_weights = _cells_of_bins(boxes[:, 0::2] / stride, output_size[1], width)
    y, y_weights = _cells_of_bins(boxes[:, 1::2] / stride, output_size[0], height)
    # (N, rows, columns, cells in y, cells in x)
    rows = image_index[:, None, None] * height + y
    index = rows[:, :, None, :, None] * width + x[:, None, :, None, :]
    weights = y_weights[:, :, None, :, None] * x_weights[:, None, :, None, :]
    pooled = F.embedding_bag(
        index.flatten(0, 2).flatten(1),
        feature_map.permute(0, 2, 3, 1).reshape(-1, channels),
        mode="sum",
        per_sample_weights=weights.flatten(0, 2).flatten(1),
    )
    return pooled.view(len(boxes), *output_size, channels).permute(0, 3, 1, 2)


def _cells_of_bins(ends: Tensor, bins: int, size: int) -> tuple[Tensor, Tensor]:
    """Cells along one axis that make up each bin, and their weights.

    Args:
        ends: ``(N, 2)`` start and end of the boxes, in cells.
        bins: into which a box is divided.
        size: cells of the map.

    Returns:
        Cells ``(N, bins, 4)`` int64 and weights of the same shape.
    """
    start, length = ends[:, :1], (ends[:, 1:] - ends[:, :1]).clamp(min=1)
    steps = torch.arange(bins * SAMPLES, dtype=ends.dtype, device=ends.device)
    positions = start + (steps + 0.5) * (length / (bins * SAMPLES))
    inside = (positions >= -1) & (positions <= size)  # samples elsewhere count as zero
    positions = torch.where(inside, positions, 0).clamp(0, size - 1)
    low = positions.floor()
    fraction = positions - low
    cells = torch.stack([low, (low + 1).clamp(max=size - 1)], dim=-1).long()
    weights = torch.stack([1 - fraction, fraction], dim=-1) * inside[..., None]
    shape = (len(ends), bins, 2 * SAMPLES)
    return cells.view(shape), weights.view(shape) / SAMPLES
