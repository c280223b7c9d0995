"""Leave parts of a model as they are for the first epochs."""

from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from mmpsearch.registry import HOOKS


@HOOKS.register_module()
class FreezeParametersHook(Hook):
    """Keeps parameters from being changed until ``epochs`` epochs are over.

    Their gradients are dropped just before the optimizer's step, so that neither
    momentum nor weight decay moves them; batch norms' statistics go on following the
    data. Works alike under distributed training, which must see every gradient.

    Args:
        prefixes: of parameter names, such as ``backbone.``.
        epochs: number of epochs.

    Raises:
        ValueError: a prefix fits no parameter, before the first iteration.
    """

    def __init__(self, prefixes: Sequence[str], epochs: int) -> None:
        self.prefixes, self.epochs = tuple(prefixes), epochs
        self._handle = None

    def before_train_epoch(self, runner) -> None:
        """Freeze, or thaw when the time has come; also after resuming."""
        if self._handle is not None:
            self._handle.remove()
            self._handle = None
        if runner.epoch >= self.epochs:
            return
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        named = list(model.named_parameters())
        for prefix in self.prefixes:
            if not any(name.startswith(prefix) for name, _ in named):
                raise ValueError(
                    f"custom_hooks: FreezeParametersHook's prefix {prefix!r} fits no "
                    f"parameter of {type(model).__name__}; the first is {named[0][0]!r}"
                )
        frozen = [p for name, p in named if name.startswith(self.prefixes)]

        def drop_gradients(*_) -> None:
            for parameter in frozen:
                parameter.grad = None

        optimizer = runner.optim_wrapper.optimizer
        self._handle = optimizer.register_step_pre_hook(drop_gradients)
