"""Are the model's classes the training set's identities?"""

from typing import Any

from torch.utils.data import DataLoader

from mmpsearch.errors import ConfigError
from mmpsearch.models.training_facts import TrainingFacts


def check_identity_count(loader: DataLoader, model: TrainingFacts) -> None:
    """Compare the training set's number of identities with the model's classes.

    Says nothing where either is unknown.

    Raises:
        ConfigError: when they differ.
    """
    table, dataset = model.identity_table(), knowing(loader.dataset, "num_identities")
    wanted = getattr(dataset, "num_identities", None)
    if table is None or wanted is None or table[1] == wanted:
        return
    raise ConfigError(
        f"config: the model's {table[0]} has num_identities={table[1]}, but the "
        f"training set {type(dataset).__name__} has {wanted} identities; set the "
        f"model's num_identities to {wanted}"
    )


def check_teacher(loader: DataLoader, model: TrainingFacts) -> None:
    """Compare a teacher's order of identities with the training set's.

    Distilled probabilities mean nothing when the classes are numbered differently, and
    nothing would fail. The order is written into every checkpoint's meta data by the
    runner (``dataset_meta.identity_order``, official person ids).

    Raises:
        ConfigError: the orders differ, or one of them is unknown.
    """
    teacher = model.class_teacher()
    if teacher is None:
        return
    dataset = knowing(loader.dataset, "metainfo")
    wanted = dataset.metainfo.get("identity_order")
    if wanted is None:
        raise ConfigError(
            f"{type(dataset).__name__} does not say which identity is which class; "
            "distillation needs a person-search training set"
        )
    if teacher.identity_order is None:
        raise ConfigError(
            f"{teacher.name} does not say which identity is which class; train it "
            "by tools/train.py on mmpsearch.SceneCrops, whose checkpoints do "
            "(meta.dataset_meta.identity_order)"
        )
    if list(teacher.identity_order) != list(wanted):
        pairs = zip(teacher.identity_order, wanted, strict=False)
        differing = sum(a != b for a, b in pairs)
        raise ConfigError(
            f"{teacher.name}: its classes are other identities than those of "
            f"{type(dataset).__name__} ({len(teacher.identity_order)} and "
            f"{len(wanted)} identities, {differing} of the common positions "
            "differ); train the teacher on the same training set"
        )


def knowing(dataset: Any, fact: str) -> Any:
    """The data set, or the first below its wrappers, that has this attribute."""
    while not hasattr(dataset, fact) and hasattr(dataset, "dataset"):
        dataset = dataset.dataset
    return dataset
