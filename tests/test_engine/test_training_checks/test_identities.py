"""The model's classes are the training set's, and the teacher's are the student's."""

from types import SimpleNamespace

import pytest

from mmpsearch.engine.training_checks import check_identity_count, check_teacher
from mmpsearch.errors import ConfigError
from mmpsearch.models.training_facts import TrainingFacts


class Model(TrainingFacts):
    """Answers what it is made of."""

    def __init__(self, classes=None, teacher=None):
        self.classes, self.teacher = classes, teacher

    def identity_table(self):
        return None if self.classes is None else ("BoT", self.classes)

    def class_teacher(self):
        return self.teacher


def loader(**facts):
    """The data set lies below a wrapper."""
    dataset = SimpleNamespace(dataset=SimpleNamespace(**facts))
    return SimpleNamespace(dataset=dataset)


def test_a_model_must_fit_its_data_set():
    check_identity_count(loader(num_identities=751), Model(751))
    check_identity_count(loader(num_identities=751), Model())
    check_identity_count(loader(), Model(751))
    with pytest.raises(ConfigError, match=r"BoT has num_identities=702.* has 751 id"):
        check_identity_count(loader(num_identities=751), Model(702))


def teacher(order):
    return SimpleNamespace(identity_order=order, name="t.pth")


def test_equal_orders_and_models_without_teacher_pass():
    check_teacher(
        loader(metainfo={"identity_order": [3, 5]}), Model(2, teacher([3, 5]))
    )
    check_teacher(loader(), Model())


@pytest.mark.parametrize(
    "given, order, message",
    [
        ([3, 8, 5], [3, 5, 8], "2 of the common positions differ"),
        ([3, 5], [3, 5, 8], "2 and 3 identities, 0 of the common"),
        (None, [3, 5, 8], "does not say which identity is which class; train it"),
        ([3, 5, 8], None, "needs a person-search training set"),
    ],
)
def test_other_orders_are_refused(given, order, message):
    metainfo = {} if order is None else {"identity_order": order}
    with pytest.raises(ConfigError, match=message):
        check_teacher(loader(metainfo=metainfo), Model(3, teacher(given)))
