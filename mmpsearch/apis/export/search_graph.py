"""What exported person-search networks have in common: one picture in, people out."""

from __future__ import annotations

from abc import abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.ops import nms

INPUTS = ("image", "queries", "score_threshold")
OUTPUTS = ("boxes", "scores", "embeddings", "query_embeddings")


class SearchGraph(nn.Module):
    """Finds and embeds everybody in one picture, and embeds given people.

    Written so that a trace fits every size and any number of people. Runtimes stumble
    over layers that are given nothing: a box of no meaning goes along with those to be
    embedded, so that there is always one.

    Args:
        divisor: the picture is padded by zeros, at the right and below, to multiples.
    """

    embed_dims: int

    def __init__(self, divisor: int) -> None:
        super().__init__()
        self.divisor = divisor

    def forward(
        self, image: Tensor, queries: Tensor, score_threshold: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Search.

        Args:
            image: ``(1, 3, h, w)`` float32, resized and normalised, not padded.
            queries: ``(M, 4)`` xyxy in pixels of ``image``; ``M`` may be 0.
            score_threshold: ``(1,)``; a person needs a larger score.

        Returns:
            Boxes ``(K, 4)`` xyxy in pixels of ``image``, scores ``(K,)`` descending,
            embeddings ``(K, D)`` and those of the queries ``(M, D)``, of any length.
        """
        size = torch._shape_as_tensor(image)[2:]
        down, right = (-size % self.divisor).unbind()
        padded = F.pad(image, (0, right, 0, down))
        return self.search(padded, size[None], queries, score_threshold)

    @abstractmethod
    def search(
        self, padded: Tensor, size: Tensor, queries: Tensor, score_threshold: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """As :meth:`forward`.

        Args:
            padded: ``(1, 3, H, W)``.
            size: ``(1, 2)`` int64 height, width before padding.
            queries: ``(M, 4)``.
            score_threshold: ``(1,)``.
        """


def best(values: Tensor, number: int, largest: bool = True) -> Tensor:
    """Positions ``(min(N, number),)`` of the best of ``(N,)``, best first."""
    count = torch._shape_as_tensor(values)[0].clamp(max=number)
    return values.topk(count, largest=largest).indices


def suppress(boxes: Tensor, scores: Tensor, iou: float, threshold: Tensor) -> Tensor:
    """Positions of confident boxes after non-maximum suppression, best first.

    Those below the threshold come last, where they suppress nobody: leaving them out
    before, as the models do, could leave the suppression without a box.
    """
    kept = nms(boxes, scores, iou)
    return kept[scores[kept] > threshold]


def with_stand_in(*boxes: Tensor) -> Tensor:
    """The boxes, joined, and one more."""
    return torch.cat([*boxes, boxes[0].new_tensor([[0.0, 0.0, 32.0, 32.0]])])


def first_image(boxes: Tensor) -> Tensor:
    """The image index of every box: 0."""
    return torch.zeros_like(boxes[:, 0]).long()


def zero_after(scores: Tensor, rows: Tensor) -> Tensor:
    """Scores ``(K,)`` made as long as ``rows``: further ones are zero."""
    missing = torch.zeros_like(rows[:, 0])[torch._shape_as_tensor(scores)[0] :]
    return torch.cat([scores, missing])
