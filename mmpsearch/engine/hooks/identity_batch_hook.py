"""A batch must hold what its identity sampler puts together."""

from mmengine.hooks import Hook

from mmpsearch.datasets.samplers import IdentitySampler
from mmpsearch.datasets.samplers.modality_samplers import ModalityBatches
from mmpsearch.errors import ConfigError
from mmpsearch.registry import HOOKS


@HOOKS.register_module()
class IdentityBatchHook(Hook):
    """Compares ``batch_size`` with P x K of the :class:`IdentitySampler`.

    The sampler gives indices one by one; a loader of another batch size would cut the
    groups apart, and some pictures would have no positive or no negative. So it is
    with the samplers of visible and infrared pictures, whose halves would be torn.
    Other samplers are left alone.

    Raises:
        ConfigError: when they differ, before the first iteration.
    """

    def before_train(self, runner) -> None:
        loader = runner.train_dataloader
        sampler = loader.sampler
        if isinstance(sampler, ModalityBatches):
            if loader.batch_size != sampler.batch_size:
                raise ConfigError(
                    f"config: train_dataloader.batch_size is {loader.batch_size}, but "
                    f"its {type(sampler).__name__} makes batches of {sampler.pairs} x "
                    f"{sampler.rgb_views} visible + {sampler.pairs} infrared = "
                    f"{sampler.batch_size} (per process); set batch_size to "
                    f"{sampler.batch_size}, or change the sampler"
                )
            return
        if not isinstance(sampler, IdentitySampler):
            return
        people, pictures = sampler.num_identities, sampler.num_instances
        if loader.batch_size != people * pictures:
            raise ConfigError(
                f"config: train_dataloader.batch_size is {loader.batch_size}, but its "
                f"IdentitySampler makes batches of num_identities x num_instances = "
                f"{people} x {pictures} = {people * pictures} (per process); set "
                f"batch_size to {people * pictures}, or change the sampler"
            )
