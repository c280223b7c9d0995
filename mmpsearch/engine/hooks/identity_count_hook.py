"""A head's table must fit its training set."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from mmpsearch.errors import ConfigError
from mmpsearch.registry import HOOKS


@HOOKS.register_module()
class IdentityCountHook(Hook):
    """Compares the training set's number of identities with the re-ID loss's.

    Looks at ``dataset.num_identities`` (through wrappers that have ``.dataset``) and
    ``model.reid_loss.num_identities`` of a person-search model or
    ``model.num_identities`` of a re-identification model; says nothing where either
    is missing.

    Raises:
        ConfigError: when they differ, before the first iteration.
    """

    def before_train(self, runner) -> None:
        dataset = runner.train_dataloader.dataset
        while not hasattr(dataset, "num_identities") and hasattr(dataset, "dataset"):
            dataset = dataset.dataset
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        holder = getattr(model, "reid_loss", model)
        have = getattr(holder, "num_identities", None)
        want = getattr(dataset, "num_identities", None)
        if have is not None and want is not None and have != want:
            raise ConfigError(
                f"config: the model's {type(holder).__name__} has "
                f"num_identities={have}, but the training set "
                f"{type(dataset).__name__} has {want} identities; set the model's "
                f"num_identities to {want}"
            )
