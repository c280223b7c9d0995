"""The teacher's classes are the student's, or training does not start."""

from types import SimpleNamespace

import pytest

from mmpsearch.engine.hooks import TeacherClassesHook
from mmpsearch.errors import ConfigError


def check(teacher, order):
    metainfo = {} if order is None else {"identity_order": order}
    dataset = SimpleNamespace(dataset=SimpleNamespace(metainfo=metainfo))
    runner = SimpleNamespace(
        model=SimpleNamespace(teacher=teacher),
        train_dataloader=SimpleNamespace(dataset=dataset),
    )
    TeacherClassesHook().before_train(runner)


def teacher(order):
    return SimpleNamespace(identity_order=order, name="t.pth")


def test_equal_orders_and_models_without_teacher_pass():
    check(teacher([3, 5, 8]), [3, 5, 8])
    check(None, None)
    TeacherClassesHook().before_train(SimpleNamespace(model=object()))


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
    with pytest.raises(ConfigError, match=message):
        check(teacher(given), order)
