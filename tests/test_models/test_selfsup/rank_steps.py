"""Training steps of a small PersonViT: whole, in two ranks, in accumulated halves."""

import torch
from mmengine.model import MMDistributedDataParallel

from mmpsearch.engine.hooks import TrainingProgressHook
from mmpsearch.engine.optimizers import DecayGroupsConstructor
from tests.test_models.test_selfsup.small import small_model, small_views

STEPS = 3
WRAPPER = dict(
    type="mmpsearch.ClipEachOptimWrapper",
    clip_grad=dict(max_norm=0.3),
    optimizer=dict(type="AdamW", lr=1e-3, weight_decay=0.04),
)


class Runner:
    """What the hook needs of MMEngine's."""

    epoch, max_iters = 0, 8

    def __init__(self, model, optim_wrapper):
        self.model, self.optim_wrapper, self.iter = model, optim_wrapper, 0


def train(rank: int | None, parts: int = 1) -> dict:
    """Train on batches of 4.

    Args:
        rank: takes half of every batch and shares gradients; None: takes all of it.
        parts: pieces of each batch, whose gradients are accumulated.

    Returns:
        ``losses``, mean over the pieces, per step; ``state`` of the model.
    """
    model = small_model(momentum=0.9)
    trained = model if rank is None else MMDistributedDataParallel(model)
    wrapper = DecayGroupsConstructor({**WRAPPER, "accumulative_counts": parts})(model)
    wrapper.initialize_count_status(model, 0, STEPS * parts)
    losses = take_steps(trained, wrapper, rank, parts)
    return dict(losses=losses, state=model.state_dict())


def take_steps(trained, wrapper, rank: int | None, parts: int = 1) -> torch.Tensor:
    """Make the steps; returns the losses of each."""
    runner, hook = Runner(trained, wrapper), TrainingProgressHook()
    losses = []
    for step in range(STEPS):
        views, masks = small_views(batch=4, seed=step)
        size, start = (4 // parts, 0) if rank is None else (2, 2 * rank)
        found = []
        for part in range(parts):
            rows = slice(start + part * size, start + (part + 1) * size)
            hook.before_train_iter(runner, 0)
            batch = [view[rows] for view in views]
            named = trained(batch, masks=masks[:, rows], mode="loss")
            with wrapper.optim_context(trained):
                wrapper.update_params(sum(named.values()))
            hook.after_train_iter(runner, 0)
            found.append(torch.stack(list(named.values())).detach())
        runner.iter += 1
        losses.append(torch.stack(found).mean(0))
    return torch.stack(losses)
