"""Batches of P identities with K pictures each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from mmpsearch.datasets.samplers.batch_shape import BatchShape
from mmpsearch.datasets.samplers.seeded_index import SeededIndex
from mmpsearch.errors import ConfigError
from mmpsearch.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class IdentitySampler(Sampler):
    """Every batch holds P different identities with K pictures of each.

    In an epoch an identity's pictures are shuffled and cut into groups of K; a rest
    of less than K is left out, and an identity with fewer than K pictures repeats
    some. The groups are dealt into as many batches as can be filled with different
    identities, the same number in every epoch; which groups are left over, and who
    meets whom, is drawn anew. Pictures without identity (-1) never occur.

    With R ranks the global batch has P x R identities, and rank r gets each R-th of
    its groups: two ranks with P = 8 see together exactly what one process with P = 16
    sees. Order and augmentation seeds depend on (seed, epoch) alone, so that a
    resumed run goes on as an uninterrupted one.

    Args:
        dataset: Has ``person_ids`` and, for ``balanced_cameras``, ``camera_ids``
            (arrays, one entry per picture); or ``get_data_info(i)`` with
            ``person_id`` and ``camera_id``.
        num_identities: P, identities in the batch of one process.
        num_instances: K, pictures of each. The loader's ``batch_size`` is P x K.
        seed: Seed of order and augmentation. None: one drawn and shared by all ranks
            (MMEngine passes the runner's seed).
        balanced_cameras: Spread each identity's cameras evenly over its groups, so
            that a group shows as many cameras as possible.

    Raises:
        ValueError: P or K is below 1.
        ConfigError: There are fewer identities than a global batch needs.
    """

    def __init__(
        self,
        dataset,
        num_identities: int = 16,
        num_instances: int = 4,
        seed: int | None = None,
        balanced_cameras: bool = False,
    ) -> None:
        if num_identities < 1 or num_instances < 1:
            raise ValueError(
                "IdentitySampler: num_identities and num_instances must be at least "
                f"1, got {num_identities} and {num_instances}."
            )
        self.rank, self.world_size = get_dist_info()
        self.num_identities = num_identities
        self.num_instances = num_instances
        self.seed = sync_random_seed() if seed is None else int(seed)
        self.balanced_cameras = balanced_cameras
        self.epoch = 0
        persons = labels_of(dataset, "person_id")
        self.cameras = labels_of(dataset, "camera_id") if balanced_cameras else None
        order = np.argsort(persons, kind="stable")
        order = order[persons[order] >= 0]
        starts = np.flatnonzero(np.diff(persons[order], prepend=-1))
        self.pictures = np.split(order, starts[1:]) if len(order) else []
        if len(self.pictures) < self.global_identities:
            raise ConfigError(
                f"IdentitySampler: a batch of {num_identities} identities on each of "
                f"{self.world_size} ranks needs {self.global_identities} identities, "
                f"the dataset has {len(self.pictures)}; lower num_identities and, "
                "with it, batch_size."
            )
        groups = np.array([max(1, len(p) // num_instances) for p in self.pictures])
        self.num_batches = count_batches(groups, self.global_identities)

    @property
    def global_identities(self) -> int:
        """Identities in the batches of all ranks together."""
        return self.num_identities * self.world_size

    @property
    def batch_shape(self) -> BatchShape:
        """P x K; people are those of all ranks, whose losses see each other."""
        people, pictures = self.num_identities, self.num_instances
        size = people * pictures
        text = f"num_identities x num_instances = {people} x {pictures} = {size}"
        return BatchShape(size, text, self.global_identities, pictures)

    def __len__(self) -> int:
        """Number of indices this rank gets per epoch."""
        return self.num_batches * self.num_identities * self.num_instances

    def __iter__(self) -> Iterator[SeededIndex]:
        generator = np.random.default_rng([self.seed, self.epoch])
        batches = self._deal(generator)
        seeds = generator.integers(2**32, size=batches.shape)
        own = slice(self.rank, None, self.world_size)
        for indices, batch_seeds in zip(batches, seeds, strict=True):
            chosen = indices[own].ravel().tolist(), batch_seeds[own].ravel().tolist()
            for index, seed in zip(*chosen, strict=True):
                yield SeededIndex(index, seed)

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order the next iteration gives."""
        self.epoch = epoch

    def _deal(self, generator: np.random.Generator) -> np.ndarray:
        """(batches, P x R, K) int64 indices of an epoch.

        The groups lie in a row, identity after identity, none with more groups than
        there are batches. Group j goes to batch j modulo the number of batches: an
        identity's groups, being neighbours, all go to different batches.
        """
        count, size = self.num_batches, self.global_identities
        row: list[np.ndarray] = []
        for identity in generator.permutation(len(self.pictures)):
            groups = self._groups(self.pictures[identity], generator)
            row.extend(generator.permutation(groups)[:count])
        kept = np.sort(generator.permutation(len(row))[: count * size])
        batches = np.stack([row[i] for i in kept]).reshape(size, count, -1)
        batches = generator.permutation(batches.transpose(1, 0, 2))
        return np.stack([generator.permutation(batch) for batch in batches])

    def _groups(self, pictures: np.ndarray, generator) -> np.ndarray:
        """(groups, K) pictures of one identity, shuffled."""
        order = generator.permutation(pictures)
        if self.cameras is not None:
            order = order[spread(self.cameras[order], generator)]
        amount = max(1, len(order) // self.num_instances)
        return np.resize(order, (amount, self.num_instances))


def labels_of(dataset, key: str) -> np.ndarray:
    """(N,) int64 ``person_id`` or ``camera_id`` of every item of a dataset."""
    labels = getattr(dataset, f"{key}s", None)
    if labels is None:
        labels = [dataset.get_data_info(i)[key] for i in range(len(dataset))]
    return np.asarray(labels, dtype=np.int64)


def count_batches(groups: np.ndarray, size: int) -> int:
    """How many batches of ``size`` different identities the groups can fill.

    B batches can be filled if and only if the identities, each counted at most B
    times, have B x size groups.

    Args:
        groups: (I,) number of groups of each identity, at least 1.
        size: Identities per batch, at most I.
    """
    low, high = 1, int(groups.sum()) // size
    while low < high:
        middle = (low + high + 1) // 2
        if np.minimum(groups, middle).sum() >= middle * size:
            low = middle
        else:
            high = middle - 1
    return low


def spread(cameras: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """An order in which each camera's pictures are spread evenly.

    Args:
        cameras: (N,) camera of each picture.
        generator: Draws where each camera begins.

    Returns:
        (N,) int64 positions; any run of N / n neighbours has a picture of a camera
        with at least n pictures, up to the rounding at its ends.
    """
    places = np.empty(len(cameras))
    for camera in np.unique(cameras):
        own = np.flatnonzero(cameras == camera)
        places[own] = (np.arange(len(own)) + generator.random()) / len(own)
    return np.argsort(places, kind="stable")
