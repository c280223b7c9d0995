"""Numbers that change during training, as functions of how far it is.

What drives them lives elsewhere: `mmpsearch.engine.schedulers` for the optimizer's
numbers, the model itself for temperatures and momentum. Nothing here has state, so a
resumed run continues as an uninterrupted one.
"""

import math
from dataclasses import dataclass


def cosine_between(step: int, start: float, end: float, total: int) -> float:
    """Half a cosine from ``start`` towards ``end``, which ``step = total`` reaches.

    Args:
        step: steps done, from 0; the last of ``total`` steps has ``total - 1``.
        start: value at step 0.
        end: value after the last step.
        total: number of steps.

    Returns:
        The value; ``end`` from ``total`` on.
    """
    share = min(step / max(total, 1), 1.0)
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def warmup_then_cosine(
    step: int, base: float, end: float, total: int, warmup: int
) -> float:
    """Linear from exactly 0 to exactly ``base``, then `cosine_between`.

    As in DINO and iBOT: the last of the ``warmup`` steps has ``base``, and so has the
    first of the cosine.

    Args:
        step: steps done.
        base: highest value.
        end: value after the last step.
        total: number of steps, warm-up included.
        warmup: steps of the warm-up; 0 for none.

    Returns:
        The value.
    """
    if step < warmup:
        return base * step / max(warmup - 1, 1)
    return cosine_between(step - warmup, base, end, total - warmup)


@dataclass(frozen=True)
class Ramp:
    """A value by epoch: constant, then linear, then constant.

    Attributes:
        start: value of the first epochs.
        end: value of the last ones.
        epochs: length of the ramp; its first epoch has ``start``, its last ``end``.
        wait: epochs of ``start`` before the ramp begins.
    """

    start: float
    end: float
    epochs: int = 0
    wait: int = 0

    def at(self, epoch: int) -> float:
        """The value in an epoch, counted from 0."""
        if epoch < self.wait:
            return self.start
        done = epoch - self.wait
        if done >= self.epochs:
            return self.end
        share = done / (self.epochs - 1) if self.epochs > 1 else 0.0
        return self.start + (self.end - self.start) * share


@dataclass(frozen=True)
class TrainingProgress:
    """How far a training is.

    Attributes:
        epoch: epochs done.
        iteration: iterations done, of all epochs.
        iterations: iterations of the whole training.
    """

    epoch: int
    iteration: int
    iterations: int
