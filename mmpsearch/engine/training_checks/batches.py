"""Is there a batch, does it hold what its sampler groups, does a loss learn from it?"""

from torch.utils.data import DataLoader

from mmpsearch.errors import ConfigError
from mmpsearch.models.training_facts import TrainingFacts


def check_epoch(loader: DataLoader, model: TrainingFacts) -> None:
    """Refuse an epoch without iterations.

    With ``drop_last`` and fewer samples than a batch, MMEngine would go through all
    epochs in no time and save weights that were never trained.

    Raises:
        ConfigError: with the number of samples.
    """
    if len(loader) == 0:
        raise ConfigError(
            "config: train_dataloader: an epoch has no batch: this process gets "
            f"{len(loader.sampler)} samples, batches have {loader.batch_size} and "
            "incomplete ones are dropped; lower batch_size or set drop_last=False"
        )


def check_batch_size(loader: DataLoader, model: TrainingFacts) -> None:
    """Compare ``batch_size`` with what the sampler puts together.

    It gives indices one by one; a loader of another batch size would cut the groups
    apart, and some pictures would have no positive, no negative or no other half.
    Samplers without ``batch_shape`` put nothing together.

    Raises:
        ConfigError: when they differ.
    """
    shape = getattr(loader.sampler, "batch_shape", None)
    if shape is not None and loader.batch_size != shape.size:
        raise ConfigError(
            f"config: train_dataloader.batch_size is {loader.batch_size}, but its "
            f"{type(loader.sampler).__name__} makes batches of {shape.text} (per "
            f"process); set batch_size to {shape.size}, or change the sampler"
        )


def check_pairs(loader: DataLoader, model: TrainingFacts) -> None:
    """Refuse batches in which a loss of pairs finds none.

    Raises:
        ConfigError: one person, or one picture of each.
    """
    shape, losses = (
        getattr(loader.sampler, "batch_shape", None),
        model.losses_of_pairs(),
    )
    if shape is None or not losses:
        return
    name = f"config: train_dataloader.sampler: {type(loader.sampler).__name__} makes"
    always = f"{', '.join(losses)} would always be 0"
    if shape.people == 1:
        raise ConfigError(
            f"{name} batches of one person (num_identities=1): without other people "
            f"{always}; set num_identities to 2 or more, or leave the loss out"
        )
    if shape.pictures == 1:
        raise ConfigError(
            f"{name} batches with one picture of each person (num_instances=1): "
            f"without a second one {always}; set num_instances to 2 or more, or leave "
            "the loss out"
        )
