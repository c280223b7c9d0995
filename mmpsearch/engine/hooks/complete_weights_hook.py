"""No test, and no resumed training, with part of the model at random."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from torch import nn

from mmpsearch.errors import CheckpointError
from mmpsearch.registry import HOOKS
from mmpsearch.utils.checkpoint import learnt_names, not_finite, training_only


@HOOKS.register_module()
class CompleteWeightsHook(Hook):
    """Refuses a checkpoint that leaves weights of the model as they were initialised.

    MMEngine logs missing weights and goes on. That suits fine-tuning; in testing it
    gives bad numbers for no visible reason. Weights that the checkpoint has too many
    are left to MMEngine's log. A buffer without entries, such as a memory that is not
    filled yet, takes over the checkpoint's size.

    Args:
        for_testing: what only training uses, such as a loss's table of identities,
            may be missing: a model can be tested on another data set's identities.

    Raises:
        CheckpointError: naming the first missing, or differently shaped, weights.
    """

    def __init__(self, for_testing: bool = False) -> None:
        self.for_testing = for_testing

    def before_run(self, runner) -> None:
        """Read no weights to start from: all come with the resumed run's checkpoint.

        The files that pre-trained weights came from may be gone by now.
        """
        if not self.for_testing:
            _model_of(runner).init_weights = _keep_weights

    def after_load_checkpoint(self, runner, checkpoint) -> None:
        model = _model_of(runner)
        have = checkpoint.get("state_dict", checkpoint)
        have = {name.removeprefix("module."): value for name, value in have.items()}
        unread = training_only(model)
        wrong = [
            f"{name}: {'missing' if name not in have else tuple(have[name].shape)}, "
            f"not {tuple(value.shape)}"
            for name, value in model.state_dict().items()
            if not name.endswith("num_batches_tracked")
            and not (self.for_testing and unread.match(name))
            and (
                name not in have
                or (value.numel() > 0 and have[name].shape != value.shape)
            )
        ]
        if wrong:
            more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
            raise CheckpointError(
                f"the checkpoint does not fit the config's model "
                f"{type(model).__name__}: {'; '.join(wrong[:3])}{more}. The file's "
                f"first of {len(have)} weights is {next(iter(have), 'none')!r}. Give "
                "the config that it was trained with"
            )
        spoilt = not_finite({n: have[n] for n in learnt_names(model) if n in have})
        if spoilt:
            raise CheckpointError(
                f"the checkpoint holds NaN or infinity in {len(spoilt)} weights, first "
                f"{spoilt[0]}: the training diverged; take an earlier one"
            )


def _model_of(runner) -> nn.Module:
    return runner.model.module if is_model_wrapper(runner.model) else runner.model


def _keep_weights() -> None:
    """Initialise nothing."""
