"""Shuffling images between ranks, so that batch norms tell nothing (MoCo)."""

from collections.abc import Callable

import torch
from mmengine import dist
from torch import Tensor

from mmpsearch.utils.distributed import gather_without_gradient

# Of a single rank: no more than 4 groups, and none too small for its statistics. With
# 16 images in a group pre-trained features were worse than random ones.
MOST_GROUPS, SMALLEST_GROUP = 4, 32


def groups_of_one_rank(images: int) -> int:
    """In how many groups a single rank encodes its shuffled keys, by default."""
    return max(min(images // SMALLEST_GROUP, MOST_GROUPS), 2)


class ShuffledBatch:
    """Images that other ranks are to encode, and the way back.

    Were a key normalised with the same images as its query, the statistics would give
    it away. A single rank has nobody to exchange images with, and encodes them in
    groups instead, which batch norms see one by one.

    Args:
        images: ``(N, ...)``, ``N`` the same on every rank; without gradient.
        groups: of about equally many images, in a rank; fewer where they would have
            less than two images. None: 1, of a single rank
            :func:`groups_of_one_rank`.
    """

    def __init__(self, images: Tensor, groups: int | None = None) -> None:
        everyone = gather_without_gradient(images)
        own = len(images)
        if len(everyone) != own * dist.get_world_size():
            raise ValueError(
                "shuffling needs batches of one size on all ranks; set "
                "train_dataloader.drop_last=True"
            )
        order = torch.randperm(len(everyone), device=images.device)
        dist.broadcast(order, src=0)
        self._own = slice(own * dist.get_rank(), own * (dist.get_rank() + 1))
        self._back = order.argsort()[self._own]
        self.images = everyone[order[self._own]]
        if groups is None:
            alone = dist.get_world_size() == 1
            groups = groups_of_one_rank(own) if alone else 1
        self._groups = max(min(groups, own // 2), 1)

    def encode(self, function: Callable[[Tensor], Tensor]) -> Tensor:
        """Apply a function to the shuffled images, one group at a time.

        Args:
            function: ``(n, ...)`` to ``(n, ...)``, one row per image.

        Returns:
            ``(N, ...)``, the rows of the images that were given, in their order,
            without gradient.
        """
        parts = self.images.tensor_split(self._groups)
        return self.restore(torch.cat([function(part) for part in parts]))

    def restore(self, rows: Tensor) -> Tensor:
        """What belongs to the images that were given.

        Args:
            rows: ``(N, ...)``, one per image of ``images``.

        Returns:
            ``(N, ...)``, in the original order, without gradient.
        """
        return gather_without_gradient(rows)[self._back]
