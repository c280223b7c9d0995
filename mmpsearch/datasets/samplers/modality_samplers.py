"""Batches of visible and infrared pictures: all visible ones first, then as many IR."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from mmpsearch.datasets.samplers.batch_shape import BatchShape
from mmpsearch.datasets.samplers.identity_sampler import labels_of
from mmpsearch.datasets.samplers.seeded_index import SeededIndex
from mmpsearch.errors import ConfigError
from mmpsearch.registry import DATA_SAMPLERS

MODALITIES = ("rgb", "ir")


class ModalityBatches(Sampler):
    """Base: one process's batch is ``[all RGB; all IR]`` with equal numbers of both.

    A subclass draws the pairs of an epoch's global batches in :meth:`_draw`, in groups
    that stay together (those of a person). Rank r of R gets the groups ``r, r + R,
    ...``, so that the ranks' batches together are that of one process. Order and
    augmentation seeds depend on (seed, epoch) alone.

    Args:
        dataset: Has ``modalities`` (and ``person_ids``), arrays with an entry per
            item; or ``get_data_info(i)`` with ``modality`` (and ``person_id``).
        pairs: Pairs of a visible and an infrared picture in one process's batch; the
            loader's ``batch_size`` is ``pairs * (rgb_views + 1)``.
        rgb_views: How often each visible picture is loaded, with other augmentation
            seeds, as ``[RGB; the same RGB; IR]``.
        seed: Seed of order and augmentation. None: one drawn and shared by all ranks
            (MMEngine passes the runner's seed).

    Raises:
        ValueError: ``pairs`` or ``rgb_views`` is below 1.
        ConfigError: The dataset lacks a modality.
    """

    def __init__(
        self, dataset, pairs: int, rgb_views: int = 1, seed: int | None = None
    ) -> None:
        if pairs < 1 or rgb_views < 1:
            raise ValueError(
                f"{type(self).__name__}: the number of pictures and rgb_views must be "
                f"at least 1, got {pairs} and {rgb_views}."
            )
        self.rank, self.world_size = get_dist_info()
        self.pairs = pairs
        self.rgb_views = rgb_views
        self.seed = sync_random_seed() if seed is None else int(seed)
        self.epoch = 0
        modalities = modalities_of(dataset)
        self.pictures = {
            name: np.flatnonzero(modalities == name) for name in MODALITIES
        }
        for name, pictures in self.pictures.items():
            if not len(pictures):
                raise ConfigError(
                    f"{type(self).__name__}: the dataset has no picture of modality "
                    f"{name!r}; use a cross-modality data set such as "
                    "mmpsearch.SYSUMM01."
                )

    @property
    def batch_size(self) -> int:
        """Pictures in the batch of one process: what the loader must be given."""
        return self.pairs * (self.rgb_views + 1)

    @property
    def batch_shape(self) -> BatchShape:
        """The two halves, which would be torn by another batch size."""
        text = (
            f"{self.pairs} x {self.rgb_views} visible + {self.pairs} infrared = "
            f"{self.batch_size}"
        )
        return BatchShape(self.batch_size, text)

    @property
    def num_batches(self) -> int:
        """Batches of an epoch."""
        raise NotImplementedError

    def _draw(self, generator: np.random.Generator) -> np.ndarray:
        """(batches, groups, pairs, 2) int64: visible and infrared pictures."""
        raise NotImplementedError

    def __len__(self) -> int:
        """Number of indices this rank gets per epoch."""
        return self.num_batches * self.batch_size

    def __iter__(self) -> Iterator[SeededIndex]:
        generator = np.random.default_rng([self.seed, self.epoch])
        columns = [0] * self.rgb_views + [1]
        chosen = self._draw(generator)[..., columns]
        seeds = generator.integers(2**32, size=chosen.shape)
        own = slice(self.rank, None, self.world_size)
        for batch, batch_seeds in zip(chosen, seeds, strict=True):
            # Column by column: the views of the visible pictures, then infrared.
            indices, drawn = (
                part[own].reshape(-1, len(columns)).T.ravel().tolist()
                for part in (batch, batch_seeds)
            )
            for index, seed in zip(indices, drawn, strict=True):
                yield SeededIndex(index, seed)

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order the next iteration gives."""
        self.epoch = epoch


@DATA_SAMPLERS.register_module()
class ModalityBalancedBatchSampler(ModalityBatches):
    """Equally many visible and infrared pictures, paired at random, without labels.

    MMGL's pre-training: 48 + 48. An epoch shows every picture of the larger modality
    at least once, ``ceil(max(#RGB, #IR) / pictures)`` batches; the smaller one
    begins anew, in another order, when it is used up.

    Args:
        dataset: As of :class:`ModalityBatches`.
        num_per_modality: Pictures of each modality in the batch of one process.
        rgb_views: As of :class:`ModalityBatches`.
        seed: As of :class:`ModalityBatches`.
    """

    def __init__(
        self,
        dataset,
        num_per_modality: int = 48,
        rgb_views: int = 1,
        seed: int | None = None,
    ) -> None:
        super().__init__(dataset, num_per_modality, rgb_views, seed)

    @property
    def num_batches(self) -> int:
        most = max(map(len, self.pictures.values()))
        return -(-most // (self.pairs * self.world_size))

    def _draw(self, generator: np.random.Generator) -> np.ndarray:
        size = self.pairs * self.world_size
        total = self.num_batches * size
        columns = []
        for name in MODALITIES:
            rounds = -(-total // len(self.pictures[name]))
            orders = [generator.permutation(self.pictures[name]) for _ in range(rounds)]
            columns.append(np.concatenate(orders)[:total])
        return np.stack(columns, axis=-1).reshape(self.num_batches, size, 1, 2)


@DATA_SAMPLERS.register_module()
class CrossModalityIdentityBatchSampler(ModalityBatches):
    """P identities with K visible and K infrared pictures each (AGW: 8 x (4 + 4)).

    Every batch draws its identities without and their pictures with replacement.
    Picture i of the visible half and picture i of the infrared half show the same
    person. An epoch has ``floor(max(#RGB, #IR) / (P x K x R)) + 1`` batches. People
    without a picture in both modalities never occur.

    Args:
        dataset: As of :class:`ModalityBatches`, with ``person_ids``.
        num_identities: P, in the batch of one process.
        num_instances: K.
        rgb_views: As of :class:`ModalityBatches`; CAJ: 2.
        seed: As of :class:`ModalityBatches`.

    Raises:
        ConfigError: There are fewer people than a global batch needs.
    """

    def __init__(
        self,
        dataset,
        num_identities: int = 8,
        num_instances: int = 4,
        rgb_views: int = 1,
        seed: int | None = None,
    ) -> None:
        super().__init__(dataset, num_identities * num_instances, rgb_views, seed)
        self.num_identities = num_identities
        self.num_instances = num_instances
        persons = labels_of(dataset, "person_id")
        groups = [grouped(self.pictures[name], persons) for name in MODALITIES]
        self.people = {
            person: [group[person] for group in groups]
            for person in sorted(groups[0].keys() & groups[1].keys())
        }
        needed = num_identities * self.world_size
        if len(self.people) < needed:
            raise ConfigError(
                f"CrossModalityIdentityBatchSampler: a batch of {num_identities} "
                f"identities on each of {self.world_size} ranks needs {needed} people "
                f"with pictures of both modalities, the dataset has {len(self.people)};"
                " lower num_identities and, with it, batch_size."
            )

    @property
    def batch_shape(self) -> BatchShape:
        """The two halves; people are those of all ranks."""
        return replace(
            super().batch_shape,
            people=self.num_identities * self.world_size,
            pictures=self.num_instances * (self.rgb_views + 1),
        )

    @property
    def num_batches(self) -> int:
        most = max(map(len, self.pictures.values()))
        return most // (self.pairs * self.world_size) + 1

    def _draw(self, generator: np.random.Generator) -> np.ndarray:
        people = list(self.people)
        amount = self.num_identities * self.world_size
        batches = []
        for _ in range(self.num_batches):
            chosen = generator.permutation(len(people))[:amount]
            rows = [
                [
                    generator.choice(p, self.num_instances)
                    for p in self.people[people[i]]
                ]
                for i in chosen
            ]
            batches.append(np.array(rows).transpose(0, 2, 1))
        return np.stack(batches)


def modalities_of(dataset) -> np.ndarray:
    """(N,) ``'rgb'`` or ``'ir'`` of every item of a dataset."""
    found = getattr(dataset, "modalities", None)
    if found is None:
        infos = (dataset.get_data_info(i) for i in range(len(dataset)))
        found = [info.get("modality", "rgb") for info in infos]
    return np.asarray(found)


def grouped(pictures: np.ndarray, persons: np.ndarray) -> dict[int, np.ndarray]:
    """Pictures by person; those without (-1) are left out."""
    labels = persons[pictures]
    return {
        int(person): pictures[labels == person]
        for person in np.unique(labels[labels >= 0])
    }
