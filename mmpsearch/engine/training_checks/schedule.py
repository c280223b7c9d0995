"""Does a resumed training go on as its config says?"""

from dataclasses import dataclass
from typing import Any

from mmengine.optim import OptimWrapper
from torch.optim import Optimizer

from mmpsearch.errors import ConfigError

# A schedule's place in time, which resuming is there to restore.
POSITION = {
    "optimizer",
    "end",
    "last_step",
    "verbose",
    "_global_step",
    "_last_value",
}


@dataclass(frozen=True)
class Plan:
    """Optimizer and schedules as the config makes them, before a checkpoint is read.

    MMEngine takes both from the checkpoint, so that a changed learning rate would be
    ignored, and further epochs after a cosine's end would learn nothing.

    Attributes:
        settings: of every optimizer group, without what is scheduled.
        schedules: what every schedule computes its values from.
    """

    settings: list[dict[str, Any]]
    schedules: list[dict[str, Any]]

    @classmethod
    def of(cls, optim_wrapper: Any, schedulers: Any) -> "Plan":
        """The plan of one optimizer; an empty one of several."""
        if not isinstance(optim_wrapper, OptimWrapper):
            return cls([], [])
        schedulers = schedulers if isinstance(schedulers, list) else []
        moving = {"params", *(scheduler.param_name for scheduler in schedulers)}
        return cls(
            [
                {key: value for key, value in group.items() if key not in moving}
                for group in optim_wrapper.optimizer.param_groups
            ],
            [
                {key: value for key, value in vars(s).items() if key not in POSITION}
                | {"type": type(s).__name__}
                for s in schedulers
            ],
        )

    def require_equal(self, resumed: "Plan") -> None:
        """Refuse to go on with another plan than the config's.

        Args:
            resumed: the plan after the checkpoint was read.

        Raises:
            ConfigError: naming the first setting that differs.
        """
        for kind in ("settings", "schedules"):
            ours, theirs = getattr(self, kind), getattr(resumed, kind)
            for before, after in zip(ours, theirs, strict=True):
                for key, value in before.items():
                    if after.get(key) != value:
                        raise ConfigError(
                            f"--resume: {_text(before, key, value)} by the config and "
                            f"{_text(after, key, after.get(key))} in the checkpoint, "
                            "which a resumed run follows: its learning rates would "
                            "not be those of the config (of its optim_wrapper, "
                            "param_scheduler and train_cfg). Set them back, or start "
                            "a new run from the weights: --cfg-options "
                            "load_from=CHECKPOINT, without --resume"
                        )


def require_same_groups(optimizer: Optimizer, checkpoint: dict[str, Any]) -> None:
    """Refuse to resume from a checkpoint with other groups of parameters.

    Args:
        optimizer: the config's.
        checkpoint: content of one that has an optimizer.

    Raises:
        ConfigError: with what to do.
    """
    groups = checkpoint["optimizer"].get("param_groups")
    ours = [len(group["params"]) for group in optimizer.param_groups]
    if groups is None or ours == [len(group["params"]) for group in groups]:
        return
    remedies = "start a new run from the weights: --cfg-options load_from=CHECKPOINT"
    if len(groups) == sum(ours) > len(ours):
        remedies = (
            "it was saved before equal groups became one: go on with --cfg-options "
            "optim_wrapper.constructor=mmengine.DefaultOptimWrapperConstructor, or "
            + remedies
        )
    raise ConfigError(
        f"--resume: the optimizer of the checkpoint has {len(groups)} groups of "
        f"parameters, the config's {len(ours)} with {sum(ours)} parameters; {remedies}"
    )


def _text(holder: dict[str, Any], key: str, value: Any) -> str:
    if key in ("initial_lr", "base_values"):
        return f"the learning rate is {value}"
    return f"{holder.get('type', 'the optimizer')}'s {key} is {value}"
