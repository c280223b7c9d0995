"""Sampler that puts several augmented views of an image side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sized

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from mmpsearch.datasets.samplers.seeded_index import SeededIndex
from mmpsearch.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class ViewSampler(Sampler):
    """Shuffle by (seed, epoch), repeat each index ``views`` times, seed every view.

    The global sequence of an epoch is the shuffled dataset with each index ``views``
    times in a row, each with its own augmentation seed. With R ranks the groups of
    views are dealt out in turn, so that the union of the ranks' batches of size B / R
    is the batch of size B of a single process, provided that B / R is a multiple of
    ``views``.

    The paper's pre-training batch of 8 is ``views=2`` with batch size 8: four images,
    two views each.

    Args:
        dataset: The dataset, or anything with a length.
        views: How often each index is repeated.
        shuffle: Whether to shuffle; otherwise dataset order.
        seed: Seed of order and augmentation. None: one drawn and shared by all ranks
            (MMEngine passes the runner's seed).
        round_up: Whether to repeat groups from the start of the order until every
            rank has the same number.
    """

    def __init__(
        self,
        dataset: Sized,
        views: int = 1,
        shuffle: bool = True,
        seed: int | None = None,
        round_up: bool = True,
    ) -> None:
        if views < 1:
            raise ValueError(f"ViewSampler: views must be at least 1, got {views}.")
        self.rank, self.world_size = get_dist_info()
        self.dataset = dataset
        self.views = views
        self.shuffle = shuffle
        self.seed = sync_random_seed() if seed is None else int(seed)
        self.round_up = round_up
        self.epoch = 0

    def _groups_per_rank(self) -> int:
        groups = len(self.dataset)
        if self.round_up:
            return math.ceil(groups / self.world_size)
        return max(0, math.ceil((groups - self.rank) / self.world_size))

    def __len__(self) -> int:
        """Number of indices this rank gets per epoch."""
        return self._groups_per_rank() * self.views

    def __iter__(self) -> Iterator[SeededIndex]:
        generator = np.random.default_rng([self.seed, self.epoch])
        size = len(self.dataset)
        order = generator.permutation(size) if self.shuffle else np.arange(size)
        count = self._groups_per_rank()
        if self.round_up and size:
            order = np.resize(order, count * self.world_size)
        seeds = generator.integers(2**32, size=(len(order), self.views))
        for group in range(self.rank, len(order), self.world_size):
            for view in range(self.views):
                yield SeededIndex(int(order[group]), int(seeds[group, view]))

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order the next iteration gives."""
        self.epoch = epoch
