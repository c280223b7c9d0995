"""Batches of several views per image, of different sizes."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from mmpsearch.registry import MODELS

IMAGENET_MEAN = (123.675, 116.28, 103.53)  # RGB, on the scale 0..255
IMAGENET_STD = (58.395, 57.12, 57.375)


@MODELS.register_module()
class ViewsPreprocessor(BaseDataPreprocessor):
    """Moves views to the device, stacks and normalises them.

    Takes what `mmpsearch.datasets.collate.stack_views` makes of
    `mmpsearch.datasets.transforms.PackViews`: ``inputs``, a list over views of
    ``(B, 3, h, w)`` uint8 BGR, and ``masks`` ``(B, G, rows, columns)`` bool; or what
    MMEngine's ``pseudo_collate`` does: lists over images in place of the first axis.
    Gives ``inputs``, a list over views of ``(B, 3, h, w)`` float32, and ``masks``
    ``(G, B, rows, columns)``.

    Args:
        mean: of the three channels, RGB.
        std: of the three channels, RGB.
        channels_last: memory layout of the views; helps convolution stems on GPUs.
        non_blocking: copy to the device in the background, from pinned memory.
    """

    def __init__(
        self,
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
        channels_last: bool = False,
        non_blocking: bool = True,
    ) -> None:
        super().__init__(non_blocking)
        self.layout = torch.channels_last if channels_last else torch.contiguous_format
        for name, values in (("mean", mean), ("std", std)):
            column = torch.tensor(values, dtype=torch.float32).view(3, 1, 1)
            self.register_buffer(name, column, persistent=False)

    def forward(self, data: dict, training: bool = False) -> dict:
        """Args: data as above; a plain list of images is taken as one view."""
        data = self.cast_data(data)
        inputs = data["inputs"]
        one_view = isinstance(inputs, Tensor) or (
            isinstance(inputs[0], Tensor) and inputs[0].dim() == 3
        )
        if one_view:
            return {**data, "inputs": self._normalise(inputs)}
        data = {**data, "inputs": [self._normalise(view) for view in inputs]}
        if "masks" in data:
            data["masks"] = torch.stack(list(data["masks"]), dim=1)
        return data

    def _normalise(self, images: Sequence[Tensor] | Tensor) -> Tensor:
        batch = images if isinstance(images, Tensor) else torch.stack(list(images))
        batch = (batch.flip(1).float() - self.mean) / self.std  # BGR -> RGB
        return batch.contiguous(memory_format=self.layout)
