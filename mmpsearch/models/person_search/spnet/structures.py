"""What passes between the parts of SPNet: tensors with names."""

from typing import NamedTuple

from torch import Tensor


class Features(NamedTuple):
    """Feature maps of a batch.

    Attributes:
        stages: backbone outputs ``(B, C, h, w)``, finest first.
        pyramid: neck outputs ``(B, F, h, w)``, finest first.
        batch_shape: height and width of the padded batch, pixels.
    """

    stages: tuple[Tensor, ...]
    pyramid: tuple[Tensor, ...]
    batch_shape: tuple[int, int]


class Regions(NamedTuple):
    """Candidate boxes of one stage, with everything its losses need.

    Attributes:
        boxes: ``(S, 4)`` xyxy reference boxes (anchors or proposals).
        image_index: ``(S,)`` int64, ascending.
        matched: ``(S,)`` int64 position in the ground truth, -1 background.
        targets: ``(S,)`` int64 position of the ground-truth box which the region is
            compared with; for background some box of the same image, -1 if none.
        offsets: ``(S, D)`` offset embeddings.
        logits: ``(S,)``.
        deltas: ``(S, 4)``.
    """

    boxes: Tensor
    image_index: Tensor
    matched: Tensor
    targets: Tensor
    offsets: Tensor
    logits: Tensor
    deltas: Tensor
