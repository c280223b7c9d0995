"""No training without a single batch."""

from mmengine.hooks import Hook

from mmpsearch.errors import ConfigError
from mmpsearch.registry import HOOKS


@HOOKS.register_module()
class EmptyEpochHook(Hook):
    """Refuses an epoch without iterations.

    With ``drop_last`` and fewer samples than a batch, MMEngine would go through all
    epochs in no time and save weights that were never trained.

    Raises:
        ConfigError: before the first iteration, with the number of samples.
    """

    def before_train(self, runner) -> None:
        loader = runner.train_dataloader
        if len(loader) == 0:
            raise ConfigError(
                "config: train_dataloader: an epoch has no batch: this process gets "
                f"{len(loader.sampler)} samples, batches have {loader.batch_size} and "
                "incomplete ones are dropped; lower batch_size or set drop_last=False"
            )
