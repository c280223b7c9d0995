"""Epochs of visible and infrared pictures that end as released codes' do."""

import numpy as np

from mmpsearch.datasets.samplers.modality_samplers import (
    CrossModalityIdentityBatchSampler,
)
from mmpsearch.errors import ConfigError
from mmpsearch.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class EachPersonOnceBatchSampler(CrossModalityIdentityBatchSampler):
    """An epoch shows every person once, with K visible and K infrared pictures.

    Variational distillation's released epoch: ``floor(#people / (P x R))`` batches, so
    that some people are left out, other ones every time. A person's pictures are drawn
    without replacement where there are K of them.

    Args:
        dataset: As of :class:`CrossModalityIdentityBatchSampler`, and so are the rest.
        num_identities: P, in the batch of one process.
        num_instances: K.
        rgb_views: As of the base.
        seed: As of the base.
    """

    @property
    def num_batches(self) -> int:
        return len(self.people) // (self.num_identities * self.world_size)

    def _draw(self, generator: np.random.Generator) -> np.ndarray:
        amount = self.num_batches * self.num_identities * self.world_size
        chosen = generator.permutation(list(self.people))[:amount]
        rows = [
            [self._some(pictures, generator) for pictures in self.people[int(person)]]
            for person in chosen
        ]
        pairs = np.array(rows).transpose(0, 2, 1)
        return pairs.reshape(self.num_batches, -1, self.num_instances, 2)

    def _some(self, pictures: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        few = len(pictures) < self.num_instances
        return generator.choice(pictures, self.num_instances, replace=few)


@DATA_SAMPLERS.register_module()
class EachPairOnceBatchSampler(CrossModalityIdentityBatchSampler):
    """An epoch shows pairs of a visible and an infrared picture, none of them twice.

    MPANet's released epoch: of a person with V visible and I infrared pictures
    ``floor(min(V, I) / K)`` groups of K pairs are made; a batch has P people with a
    group each. The number of batches is the largest that these groups allow, while
    the released code, which draws people at random, may end a few earlier.

    Args:
        dataset: As of :class:`CrossModalityIdentityBatchSampler`, and so are the rest.
        num_identities: P, in the batch of one process.
        num_instances: K.
        rgb_views: As of the base.
        seed: As of the base.

    Raises:
        ConfigError: People have too few pictures for one batch.
    """

    def __init__(
        self,
        dataset,
        num_identities: int = 8,
        num_instances: int = 4,
        rgb_views: int = 1,
        seed: int | None = None,
    ) -> None:
        super().__init__(dataset, num_identities, num_instances, rgb_views, seed)
        self._groups = np.array(
            [
                min(len(pictures) for pictures in both) // num_instances
                for both in self.people.values()
            ]
        )
        self._num_batches = most_batches(self._groups, num_identities * self.world_size)
        if not self._num_batches:
            raise ConfigError(
                f"EachPairOnceBatchSampler: a batch needs "
                f"{num_identities * self.world_size} people with {num_instances} "
                f"pictures of each modality, the dataset has "
                f"{int((self._groups > 0).sum())}; lower num_identities or "
                "num_instances and, with it, batch_size."
            )

    @property
    def num_batches(self) -> int:
        return self._num_batches

    def _draw(self, generator: np.random.Generator) -> np.ndarray:
        places = spread(
            self._groups,
            self._num_batches,
            self.num_identities * self.world_size,
            generator,
        )
        people = list(self.people)
        left = {}
        for place in np.unique(places):
            both = self.people[people[place]]
            left[place] = [iter(generator.permutation(pictures)) for pictures in both]
        pairs = [
            [
                [next(visible), next(infrared)]
                for visible, infrared in [left[place]] * self.num_instances
            ]
            for place in places.ravel()
        ]
        shape = (*places.shape, self.num_instances, 2)
        return np.array(pairs).reshape(shape)


def most_batches(groups: np.ndarray, people: int) -> int:
    """Largest number of batches of different people that groups can fill.

    Args:
        groups: (N,) how often each of N people may occur.
        people: In a batch.
    """
    number = int(groups.sum()) // people
    while number and np.minimum(groups, number).sum() < people * number:
        number -= 1
    return number


def spread(
    groups: np.ndarray, batches: int, people: int, generator: np.random.Generator
) -> np.ndarray:
    """Who is in which batch, nobody twice in one and nobody too often.

    In a random order, people take the places of batch 0, 1, ..., one after the other,
    as often as they may; beginning anew after the last batch. As nobody may take more
    places than there are batches, they are of different ones.

    Args:
        groups: (N,) how often each of N people may occur.
        batches: At most :func:`most_batches`.
        people: In a batch.
        generator: Of the orders of people and of batches.

    Returns:
        (batches, people) int64, places in ``groups``.
    """
    order = generator.permutation(len(groups))
    sequence = np.repeat(order, np.minimum(groups[order], batches))
    table = sequence[: batches * people].reshape(people, batches).T
    return generator.permutation(table)
