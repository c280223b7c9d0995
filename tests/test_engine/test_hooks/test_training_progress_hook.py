from types import SimpleNamespace

import pytest

from mmpsearch.engine.hooks import TrainingProgressHook
from mmpsearch.utils.schedules import TrainingProgress


class Spy:
    def __init__(self):
        self.calls = []

    def start_iteration(self, progress):
        self.calls.append(progress)

    def after_optimizer_step(self):
        self.calls.append("step")


@pytest.mark.parametrize("moved", [True, False])
def test_calls(moved):
    wrapper = SimpleNamespace(should_update=lambda: moved)
    runner = SimpleNamespace(
        model=Spy(), optim_wrapper=wrapper, epoch=2, iter=13, max_iters=50
    )
    hook = TrainingProgressHook()
    hook.before_train_iter(runner, 3)
    hook.after_train_iter(runner, 3)
    assert runner.model.calls == [TrainingProgress(2, 13, 50)] + ["step"] * moved
