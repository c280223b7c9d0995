"""SPNet's Box Embedders: embeddings of boxes from the pyramid (paper, section 3.1)."""

import torch
from torch import Tensor, nn
from torchvision.ops import RoIAlign

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d, SafeBatchNorm2d
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.models.layers.roi_pooling import pool_boxes
from mmpsearch.models.person_search.spnet.last_stage import last_stage_of
from mmpsearch.models.person_search.spnet.no_rows import output_without_rows
from mmpsearch.models.person_search.spnet.structures import Features
from mmpsearch.registry import MODELS

POOLING = {"max": Tensor.amax, "average": Tensor.mean}


class StagePooling(nn.Module):
    """RoIAlign on P3, then a copy of the backbone's last stage.

    Args:
        backbone: whose last stage is copied; not kept.
        pooling: ``'max'`` or (SOLIDER's Swin) ``'average'``, over the whole box.
        roi_size: rows and columns of the RoIAlign.
        stride: of P3.
        chunk_size: boxes that are processed at a time, to bound memory.
    """

    def __init__(
        self,
        backbone: nn.Module,
        pooling: str = "max",
        roi_size: int = 14,
        stride: int = 8,
        chunk_size: int = 8192,
    ) -> None:
        super().__init__()
        self.stage, self.in_channels, self.out_channels = last_stage_of(backbone).copy()
        self.pool = POOLING[pooling]
        self.roi_align = RoIAlign(
            roi_size, 1.0 / stride, sampling_ratio=2, aligned=False
        )
        self.chunk_size = chunk_size
        # its statistics are those of all ranks: one without boxes takes part
        self.shares_statistics = any(
            isinstance(module, SafeBatchNorm2d) for module in self.stage.modules()
        )

    def copy_stage(self, backbone: nn.Module) -> None:
        """Take the backbone's present weights, after it loaded pre-trained ones."""
        self.stage.load_state_dict(last_stage_of(backbone).module.state_dict())

    def forward(
        self, features: Features, boxes: Tensor, image_index: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Pool boxes before and after the stage.

        Args:
            features: of the batch; the pyramid's first map has stride 8.
            boxes: ``(N, 4)`` xyxy in pixels of the network input.
            image_index: ``(N,)`` int64.

        Returns:
            ``(N, C4)`` of the RoIAlign and ``(N, C5)`` of the stage's output.
        """
        before, after = [], []
        # at least one (possibly empty) chunk, so that the shapes are always right
        for start in range(0, max(len(boxes), 1), self.chunk_size):
            chunk = slice(start, start + self.chunk_size)
            pooled = pool_boxes(
                self.roi_align, features.pyramid[0], boxes[chunk], image_index[chunk]
            )
            before.append(self.pool(pooled, dim=(2, 3)))
            if len(pooled) or self.shares_statistics:
                after.append(self.pool(self.stage(pooled), dim=(2, 3)))
            else:
                after.append(output_without_rows(self.stage, self.out_channels, pooled))
        return torch.cat(before), torch.cat(after)


@MODELS.register_module()
class BoxEmbedder(StagePooling):
    """The (shared) Box Embedder: the re-id embedding of a box.

    The vectors before and after the stage each pass a linear layer and a batch norm
    without affine parameters; the two halves are concatenated.

    Args:
        backbone: whose last stage is copied; not kept.
        embed_dims: size ``R`` of the embedding, even.
        **kwargs: of :class:`StagePooling`.
    """

    def __init__(self, backbone: nn.Module, embed_dims: int = 128, **kwargs) -> None:
        super().__init__(backbone, **kwargs)
        if embed_dims % 2:
            raise ValueError(f"box_embedder.embed_dims must be even, got {embed_dims}")
        self.embed_dims = embed_dims
        self.projections = nn.ModuleList()
        for channels in (self.in_channels, self.out_channels):
            linear = nn.Linear(channels, embed_dims // 2)
            nn.init.normal_(linear.weight, std=0.01)
            nn.init.zeros_(linear.bias)
            norm = SafeBatchNorm1d(embed_dims // 2, affine=False)
            self.projections.append(nn.Sequential(linear, norm))

    def forward(self, features: Features, boxes: Tensor, image_index: Tensor) -> Tensor:
        """Embed boxes.

        Args:
            features: of the batch.
            boxes: ``(N, 4)`` xyxy in pixels of the network input; ``N`` may be 0.
            image_index: ``(N,)`` int64.

        Returns:
            ``(N, R)``, not normalised, at least float32.
        """
        vectors = super().forward(features, boxes, image_index)
        halves = [
            norm(at_least_float32(linear(vector)))
            for (linear, norm), vector in zip(self.projections, vectors, strict=True)
        ]
        return torch.cat(halves, dim=1)


@MODELS.register_module()
class DetectionBoxEmbedder(StagePooling):
    """A separate Box Embedder for detection: the stage, then one linear layer.

    Args:
        backbone: whose last stage is copied; not kept.
        embed_dims: size ``D`` of the embedding.
        **kwargs: of :class:`StagePooling`.
    """

    def __init__(self, backbone: nn.Module, embed_dims: int = 128, **kwargs) -> None:
        super().__init__(backbone, **kwargs)
        self.embed_dims = embed_dims
        self.projection = nn.Linear(self.out_channels, embed_dims, bias=False)

    def forward(self, features: Features, boxes: Tensor, image_index: Tensor) -> Tensor:
        """Embed boxes, as :meth:`BoxEmbedder.forward`. Returns ``(N, D)``."""
        _, after = super().forward(features, boxes, image_index)
        return self.projection(after)
