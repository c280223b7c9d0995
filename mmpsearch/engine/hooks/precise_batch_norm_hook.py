"""Batch norms test with the statistics of the weights that are tested."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.dist import all_reduce, get_world_size
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import IterBasedTrainLoop
from torch import nn

from mmpsearch.errors import ConfigError
from mmpsearch.models.reid.base import ReIDBase
from mmpsearch.models.reid.reid_model import modality_numbers, sample_numbers
from mmpsearch.models.selfsup.batch_statistics import NORMS
from mmpsearch.registry import HOOKS


@HOOKS.register_module()
class PreciseBatchNormHook(Hook):
    """Computes the running statistics anew before they are used or kept.

    Running statistics average over the weights of the last steps. Where a step changes
    the weights much, as in the first epochs at a high learning rate, they belong to no
    network, and powers in it (GeM pooling, non-local blocks) make infinities of the
    difference. Here the last training batches pass once more through the network with
    its weights as they are, and the statistics are the mean over these passes.

    Batches are those of the training, with their modalities, cameras and
    augmentation: a stem sees its own modality, and shared layers the training's mix.
    They are kept as they were read, so that nothing is read twice and no random number
    of the training is drawn. Under several ranks the statistics are the ranks' mean.

    It takes part after every epoch, in front of the checkpoint and the validation; in
    training counted in iterations, before each validation and at the end.

    Args:
        num_batches: of the last training batches, how many pass.

    Raises:
        ConfigError: the model is no re-ID model.
    """

    priority = "NORMAL"  # before the checkpoint is written

    def __init__(self, num_batches: int = 8) -> None:
        if num_batches < 1:
            raise ConfigError(
                f"PreciseBatchNormHook: num_batches must be 1 or more, got "
                f"{num_batches}; without the hook: "
                "default_hooks.precise_batch_norm=None"
            )
        self._batches: deque = deque(maxlen=num_batches)

    def before_train(self, runner) -> None:
        if not isinstance(_bare(runner.model), ReIDBase):
            raise ConfigError(
                "PreciseBatchNormHook recomputes the statistics of re-ID models, and "
                f"{type(_bare(runner.model)).__name__} is none; leave the hook out"
            )

    def after_train_iter(
        self, runner, batch_idx: int, data_batch=None, outputs=None
    ) -> None:
        self._batches.append(data_batch)
        loop = runner.train_loop
        if isinstance(loop, IterBasedTrainLoop) and _tests_next(loop, runner.iter + 1):
            self._recompute(_bare(runner.model))

    def after_train_epoch(self, runner) -> None:
        if not isinstance(runner.train_loop, IterBasedTrainLoop):
            self._recompute(_bare(runner.model))
        self._batches.clear()

    @torch.no_grad()
    def _recompute(self, model: ReIDBase) -> None:
        with torch.random.fork_rng(), averaged_statistics(model):
            for batch in self._batches:
                data = model.data_preprocessor(batch, True)
                inputs, samples = data["inputs"], data["data_samples"]
                cameras = sample_numbers(samples, "camera_id", inputs)
                model.extract(inputs, cameras, modality_numbers(samples, inputs))


@contextmanager
def averaged_statistics(module: nn.Module) -> Iterator[None]:
    """Inside, running statistics are means over all passes; afterwards the ranks' mean.

    A norm that sees nothing inside keeps its statistics, as does one that is in
    evaluation; the momentum and the count of batches are afterwards as before.

    Args:
        module: in training; its forward passes are the caller's.
    """
    norms = [
        m
        for m in module.modules()
        if isinstance(m, NORMS) and m.training and m.running_mean is not None
    ]
    kept = [(norm.momentum, norm.num_batches_tracked.clone()) for norm in norms]
    seen = dict.fromkeys(norms, 0)

    def count(norm: nn.Module, inputs: tuple) -> None:
        seen[norm] += 1
        norm.momentum = 1 / seen[norm]  # the first replaces what was there

    handles = [norm.register_forward_pre_hook(count) for norm in norms]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
        for norm, (momentum, tracked) in zip(norms, kept, strict=True):
            norm.momentum = momentum
            norm.num_batches_tracked.copy_(tracked)
    _average_over_ranks([norm for norm in norms if seen[norm]])


def _average_over_ranks(norms: list[nn.Module]) -> None:
    if get_world_size() == 1 or not norms:
        return
    parts = [part for norm in norms for part in (norm.running_mean, norm.running_var)]
    flat = torch.cat(parts)
    all_reduce(flat, op="mean")
    for part, mean in zip(parts, flat.split([len(p) for p in parts]), strict=True):
        part.copy_(mean)


def _bare(model: nn.Module) -> nn.Module:
    return model.module if is_model_wrapper(model) else model


def _tests_next(loop: IterBasedTrainLoop, done: int) -> bool:
    """Whether a validation follows, or the end."""
    if done == loop.max_iters:
        return True
    validates = loop.runner.val_loop is not None and done >= loop.val_begin
    return validates and done % loop.val_interval == 0
