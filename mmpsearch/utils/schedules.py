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


def warmup_cosine(
    step: int,
    base: float,
    total: int,
    warmup: int,
    start: float = 0.0,
    minimum: float = 0.0,
    prefix: bool = True,
    peak_in_warmup: bool = False,
) -> float:
    """Linear from ``start`` to ``base``, then `cosine_between` it and ``minimum``.

    Args:
        step: steps done.
        base: highest value.
        total: number of steps, warm-up included.
        warmup: steps of the warm-up; 0 for none.
        start: value at step 0 of a warm-up.
        minimum: value after the last step.
        prefix: the cosine begins after the warm-up, not at step 0.
        peak_in_warmup: the last step of the warm-up has ``base`` (DINO, iBOT), not
            only the first of the cosine.

    Returns:
        The value.
    """
    if step < warmup:
        return start + (base - start) * step / max(warmup - peak_in_warmup, 1)
    before = warmup if prefix else 0
    return cosine_between(step - before, base, minimum, total - before)


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
