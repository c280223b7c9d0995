"""A teacher's class c must be the student's identity c."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from mmpsearch.errors import ConfigError
from mmpsearch.registry import HOOKS


@HOOKS.register_module()
class TeacherClassesHook(Hook):
    """Compares the teacher's order of identities with the training set's.

    Distilled probabilities mean nothing when the classes are numbered differently, and
    nothing would fail. The order is written into every checkpoint's meta data by the
    runner (``dataset_meta.identity_order``, official person ids).

    Raises:
        ConfigError: the orders differ, or one of them is unknown.
    """

    def before_train(self, runner) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        teacher = getattr(model, "teacher", None)
        if teacher is None:
            return
        dataset = runner.train_dataloader.dataset
        while not hasattr(dataset, "metainfo") and hasattr(dataset, "dataset"):
            dataset = dataset.dataset
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
            differing = sum(
                a != b for a, b in zip(teacher.identity_order, wanted, strict=False)
            )
            raise ConfigError(
                f"{teacher.name}: its classes are other identities than those of "
                f"{type(dataset).__name__} ({len(teacher.identity_order)} and "
                f"{len(wanted)} identities, {differing} of the common positions "
                "differ); train the teacher on the same training set"
            )
