"""Shuffling images between ranks, so that batch norms tell nothing (MoCo)."""

import torch
from mmengine import dist
from torch import Tensor

from mmpsearch.utils.distributed import gather_without_gradient


class ShuffledBatch:
    """Images that other ranks are to encode, and the way back.

    Were a key normalised with the same images as its query, the statistics would give
    it away. With one rank the images only change their order.

    Args:
        images: ``(N, ...)``, ``N`` the same on every rank; without gradient.
    """

    def __init__(self, images: Tensor) -> None:
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

    def restore(self, rows: Tensor) -> Tensor:
        """What belongs to the images that were given.

        Args:
            rows: ``(N, ...)``, one per image of ``images``.

        Returns:
            ``(N, ...)``, in the original order, without gradient.
        """
        return gather_without_gradient(rows)[self._back]
