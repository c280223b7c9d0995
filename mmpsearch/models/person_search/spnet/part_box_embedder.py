"""A light Box Embedder for small images and small networks."""

import torch
from torch import Tensor, nn
from torchvision.ops import RoIAlign

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d, SafeBatchNorm2d
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.models.layers.roi_pooling import pool_boxes
from mmpsearch.models.person_search.spnet.structures import Features
from mmpsearch.registry import MODELS


@MODELS.register_module()
class PartBoxEmbedder(nn.Module):
    """Embeds horizontal parts of a box, seen at stride 4 and at stride 8.

    SPNet's Box Embedder pools 14 x 14 cells of P3. Where people are only 40 to 100
    pixels tall, P3 alone shows them in 8 x 3 cells; this embedder reads the backbone's
    first stage as well, and keeps head, chest, legs and feet apart. Not part of the
    paper: the synthetic benchmark's small models use it.

    Args:
        stage_channels: channels of the backbone's first returned stage, stride 4.
        pyramid_channels: channels of P3, stride 8.
        embed_dims: size ``R`` of the embedding.
        hidden_channels: width of the two convolutions.
        roi_size: rows and columns of the RoIAlign.
        num_parts: horizontal parts.
        backbone: not used; given to every box embedder.
    """

    def __init__(
        self,
        stage_channels: int,
        pyramid_channels: int,
        embed_dims: int = 128,
        hidden_channels: int = 96,
        roi_size: tuple[int, int] = (20, 8),
        num_parts: int = 4,
        backbone: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.embed_dims = embed_dims
        self.roi_aligns = nn.ModuleList(
            RoIAlign(tuple(roi_size), 1.0 / stride, sampling_ratio=2, aligned=False)
            for stride in (4, 8)
        )
        self.convs = nn.Sequential(
            nn.Conv2d(
                stage_channels + pyramid_channels,
                hidden_channels,
                3,
                stride=2,
                padding=1,
                bias=False,
            ),
            SafeBatchNorm2d(hidden_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden_channels, hidden_channels, 3, padding=1, bias=False),
            SafeBatchNorm2d(hidden_channels),
            nn.ReLU(inplace=True),
            nn.AdaptiveMaxPool2d((num_parts, 1)),
        )
        self.projection = nn.Linear(hidden_channels * num_parts, embed_dims)
        self.norm = SafeBatchNorm1d(embed_dims, affine=False)

    def forward(self, features: Features, boxes: Tensor, image_index: Tensor) -> Tensor:
        """Embed boxes.

        Args:
            features: with a stage of stride 4 and a pyramid that starts at stride 8.
            boxes: ``(N, 4)`` xyxy in pixels of the network input; ``N`` may be 0.
            image_index: ``(N,)`` int64.

        Returns:
            ``(N, R)``, not normalised, at least float32.
        """
        pooled = [
            pool_boxes(roi_align, feature_map, boxes, image_index)
            for roi_align, feature_map in zip(
                self.roi_aligns, (features.stages[0], features.pyramid[0]), strict=True
            )
        ]
        parts = self.convs(torch.cat(pooled, dim=1)).flatten(1)
        return self.norm(at_least_float32(self.projection(parts)))
