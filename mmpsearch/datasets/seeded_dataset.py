"""Make a dataset's random augmentation a function of the sampler's seed alone."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def seeded_generators(seed: int) -> Iterator[None]:
    """Seed the random generators of Python, NumPy and torch, and restore them after.

    Args:
        seed: Non-negative, below 2**32.
    """
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    random.seed(seed)
    np.random.seed(seed)
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])


class SeededDataset:
    """Mixin: an index that carries a seed decides all randomness of its sample.

    Put it before the dataset class. With an index from
    :class:`~mmpsearch.datasets.samplers.ViewSampler` the sample depends only on
    (seed, epoch, position), however many workers load it and wherever a run was
    resumed; the global generators are left as they were. A plain ``int`` draws from
    the global generators as usual.
    """

    def __getitem__(self, index: int):
        seed = getattr(index, "seed", None)
        if seed is None:
            return super().__getitem__(int(index))
        with seeded_generators(int(seed)):
            return super().__getitem__(int(index))
