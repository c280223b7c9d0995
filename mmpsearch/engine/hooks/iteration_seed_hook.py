"""Model randomness that a resumed run repeats."""

import random

import numpy as np
import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook

from mmpsearch.registry import HOOKS


def iteration_seed(seed: int, iteration: int, rank: int) -> int:
    """32-bit seed, well mixed: neighbours give unrelated streams."""
    return int(np.random.SeedSequence([seed, iteration, rank]).generate_state(1)[0])


@HOOKS.register_module()
class IterationSeedHook(Hook):
    """Seeds Python's, numpy's and PyTorch's generators before each training iteration.

    The seed follows from the runner's seed, the iteration and the rank alone, so what
    a model draws (samples, dropout) in iteration i is the same in an uninterrupted
    run and in one that was killed and resumed.
    """

    priority = "VERY_HIGH"

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        seed = iteration_seed(runner.seed, runner.iter, get_rank())
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)
