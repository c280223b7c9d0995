"""How good a model is before its first step."""

from mmengine.hooks import Hook

from mmpsearch.registry import HOOKS


@HOOKS.register_module()
class ValidateBeforeTrainingHook(Hook):
    """Validates the initial weights; in the logs it is step 0.

    For training without labels, where what is gained over the weights at the start is
    the question. A resumed run does not repeat it.
    """

    priority = "LOWEST"  # after the others have got ready

    def before_train(self, runner) -> None:
        if runner.iter == 0 and runner.val_loop is not None:
            runner.val_loop.run()
