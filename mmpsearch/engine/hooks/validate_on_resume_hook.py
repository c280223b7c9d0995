"""A run that was killed while it validated validates when it is resumed."""

from mmengine.hooks import Hook

from mmpsearch.registry import HOOKS


@HOOKS.register_module()
class ValidateOnResumeHook(Hook):
    """Repeats the validation that belongs to the checkpoint resumed from.

    MMEngine saves an epoch's checkpoint, then validates. A kill in between would lose
    that validation, and after the last epoch the final numbers. Validation changes
    nothing in training, so doing it twice costs its time only.
    """

    priority = "LOWEST"  # after the others have got ready

    def before_train(self, runner) -> None:
        loop = runner.train_loop
        if (
            runner.val_loop is not None
            and loop.epoch > 0
            and loop.epoch >= loop.val_begin
            and (loop.epoch % loop.val_interval == 0 or loop.epoch == loop.max_epochs)
        ):
            runner.val_loop.run()
