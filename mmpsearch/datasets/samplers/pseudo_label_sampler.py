"""Batches of clusters, and of a labelled source's people beside them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from mmpsearch.datasets.samplers.seeded_index import SeededIndex
from mmpsearch.errors import ConfigError
from mmpsearch.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class PseudoLabelSampler(Sampler):
    """Groups of K pictures of a class, one of each class before any comes again.

    A class is a cluster, a picture outside all clusters (alone in its group), or a
    person of the source. With a source, a batch is half source and half target.
    `mmpsearch.engine.hooks.PseudoLabelHook` gives the clusters, epoch by epoch.

    With R ranks the union of their batches is the batch of one process of R times the
    size. Order and augmentation seeds depend on (seed, epoch) and the clusters alone.

    Args:
        dataset: A `mmpsearch.AdaptationDataset`.
        batch_size: Pictures in the batch of one process, the loader's ``batch_size``.
        iterations: Batches per epoch.
        num_instances: K.
        seed: Of order and augmentation. None: one drawn and shared by all ranks
            (MMEngine passes the runner's seed).

    Raises:
        ConfigError: The batch size is odd and there is a source.
    """

    def __init__(
        self,
        dataset,
        batch_size: int = 64,
        iterations: int = 400,
        num_instances: int = 4,
        seed: int | None = None,
    ) -> None:
        if min(batch_size, iterations, num_instances) < 1:
            raise ValueError(
                "PseudoLabelSampler: batch_size, iterations and num_instances must be "
                f"at least 1, got {batch_size}, {iterations} and {num_instances}."
            )
        self.rank, self.world_size = get_dist_info()
        self.batch_size, self.iterations = batch_size, iterations
        self.num_instances = num_instances
        self.seed = sync_random_seed() if seed is None else int(seed)
        self.epoch = 0
        self.num_sources = dataset.num_sources
        if self.num_sources and batch_size % 2:
            raise ConfigError(
                "PseudoLabelSampler: half of a batch is source, half is target; "
                f"batch_size must be even, got {batch_size}."
            )
        self.rows, self.cameras = dataset.memory_rows, dataset.camera_ids
        self.target_classes: np.ndarray | None = None

    def set_target_classes(self, classes: np.ndarray) -> None:
        """Choose the clusters of the next epoch.

        Args:
            classes: (N,) int64 class of every target picture.
        """
        self.target_classes = np.asarray(classes)

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order the next iteration gives."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Number of indices this rank gets per epoch."""
        return self.iterations * self.batch_size

    def __iter__(self) -> Iterator[SeededIndex]:
        if self.target_classes is None:
            raise ConfigError(
                "PseudoLabelSampler: there are no clusters yet; add "
                "dict(type='mmpsearch.PseudoLabelHook', ...) to custom_hooks"
            )
        generator = np.random.default_rng([self.seed, self.epoch])
        first = self.num_sources
        parts = [(self.target_classes, first)]
        if first:
            parts.insert(0, (self.rows[:first], 0))
        total = len(self) * self.world_size // len(parts)
        streams = []
        for classes, offset in parts:
            cameras = self.cameras[offset : offset + len(classes)]
            stream = class_stream(classes, cameras, self.num_instances, generator)
            pictures = np.fromiter(islice(stream, total), np.int64, total)
            streams.append((pictures + offset).reshape(self.iterations, -1))
        # (iterations, pictures of all ranks); every rank takes each R-th.
        batches = np.concatenate(streams, axis=1)
        seeds = generator.integers(2**32, size=batches.shape)
        own = slice(self.rank, None, self.world_size)
        for indices, batch_seeds in zip(batches, seeds, strict=True):
            chosen = indices[own].tolist(), batch_seeds[own].tolist()
            for index, seed in zip(*chosen, strict=True):
                yield SeededIndex(index, seed)


def class_stream(
    classes: np.ndarray, cameras: np.ndarray, size: int, generator: np.random.Generator
) -> Iterator[int]:
    """Pictures without end: groups of a class each, all classes in a new order.

    A group is a picture of the class and ``size - 1`` others, of other cameras where
    the class has them; some come twice where there are too few. The only picture of a
    class is a group alone.

    Args:
        classes: (N,) int64, N > 0.
        cameras: (N,) int64.
        size: Pictures of a group.
        generator: Draws everything.
    """
    order = np.argsort(classes, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(classes[order])) + 1)
    while True:
        for number in generator.permutation(len(members)):
            own = members[number]
            first = int(generator.choice(own))
            yield first
            others = own[cameras[own] != cameras[first]]
            if not len(others):
                others = own[own != first]
            if len(others):
                repeated = len(others) < size - 1
                yield from generator.choice(others, size - 1, repeated).tolist()
