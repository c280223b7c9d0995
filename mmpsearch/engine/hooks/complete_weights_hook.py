"""No test, and no resumed training, with part of the model at random."""

import re

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from mmpsearch.registry import HOOKS
from mmpsearch.utils.checkpoint import CheckpointError


@HOOKS.register_module()
class CompleteWeightsHook(Hook):
    """Refuses a checkpoint that leaves weights of the model as they were initialised.

    MMEngine logs missing weights and goes on. That suits fine-tuning; in testing it
    gives bad numbers for no visible reason. Weights that the checkpoint has too many
    are left to MMEngine's log. A buffer without entries, such as a memory that is not
    filled yet, takes over the checkpoint's size.

    Args:
        ignore: regular expression; names in which it is found may be missing. For
            what only training uses, such as a loss's table of identities, so that a
            model can be tested on another data set's identities.

    Raises:
        CheckpointError: naming the first missing, or differently shaped, weights.
    """

    def __init__(self, ignore: str | None = None) -> None:
        self.ignore = re.compile(ignore) if ignore else None

    def after_load_checkpoint(self, runner, checkpoint) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        have = checkpoint.get("state_dict", checkpoint)
        have = {name.removeprefix("module."): value for name, value in have.items()}
        wrong = [
            f"{name}: {'missing' if name not in have else tuple(have[name].shape)}, "
            f"not {tuple(value.shape)}"
            for name, value in model.state_dict().items()
            if not name.endswith("num_batches_tracked")
            and not (self.ignore and self.ignore.search(name))
            and (
                name not in have
                or (value.numel() > 0 and have[name].shape != value.shape)
            )
        ]
        if wrong:
            more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
            raise CheckpointError(
                f"the checkpoint does not fit the config's model "
                f"{type(model).__name__}: {'; '.join(wrong[:3])}{more}. Give the "
                "config that it was trained with"
            )
