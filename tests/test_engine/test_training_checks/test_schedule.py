import pytest
import torch
from mmengine.optim import CosineAnnealingLR, MultiStepLR, OptimWrapper
from torch import nn

from mmpsearch.engine.training_checks.schedule import Plan, require_same_groups
from mmpsearch.errors import ConfigError


def training(lr=0.1, momentum=0.9, gamma=0.1, schedule=True):
    """Optimizer and schedules, as a runner has them before a checkpoint is read."""
    optimizer = torch.optim.SGD(nn.Linear(2, 1).parameters(), lr, momentum)
    wrapper = OptimWrapper(optimizer)
    steps = [MultiStepLR(wrapper, milestones=[2, 4], gamma=gamma)] if schedule else []
    return wrapper, steps


def test_a_run_that_has_gone_on_has_the_plan_it_began_with():
    wrapper, schedulers = training()
    before = Plan.of(wrapper, schedulers)
    for _ in range(3):
        wrapper.step()
        schedulers[0].step()
    assert wrapper.optimizer.param_groups[0]["lr"] == pytest.approx(0.01)
    before.require_equal(Plan.of(wrapper, schedulers))


def test_a_plan_that_was_read_back_is_the_same():
    ours, ours_steps = training()
    theirs, their_steps = training()
    theirs.step()
    their_steps[0].step()
    plan = Plan.of(ours, ours_steps)
    ours.load_state_dict(theirs.state_dict())
    ours_steps[0].load_state_dict(their_steps[0].state_dict())
    plan.require_equal(Plan.of(ours, ours_steps))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (dict(lr=0.2), "the learning rate is 0.1 by the config and the learning rate"),
        (dict(momentum=0.5), "the optimizer's momentum is 0.9 by the config and the "),
        (dict(gamma=0.5), "MultiStepLR's gamma is 0.1 by the config and MultiStepLR's"),
    ],
)
def test_what_the_checkpoint_has_otherwise_is_named(changes, words):
    plan, other = Plan.of(*training()), Plan.of(*training(**changes))
    with pytest.raises(ConfigError) as caught:
        plan.require_equal(other)
    assert str(caught.value).startswith(f"--resume: {words}")
    assert "load_from=CHECKPOINT" in str(caught.value)


def test_without_a_schedule_the_rate_itself_counts():
    plan = Plan.of(*training(schedule=False))
    with pytest.raises(ConfigError, match="the optimizer's lr is 0.1 by the config"):
        plan.require_equal(Plan.of(*training(lr=0.2, schedule=False)))


def test_another_end_of_a_cosine_is_another_plan():
    """More epochs after a cosine's end would learn nothing."""

    def plan(epochs):
        wrapper, _ = training()
        return Plan.of(wrapper, [CosineAnnealingLR(wrapper, T_max=epochs)])

    plan(10).require_equal(plan(10))
    with pytest.raises(ConfigError, match="CosineAnnealingLR's T_max is 20 by the"):
        plan(20).require_equal(plan(10))


def test_of_several_optimizers_nothing_is_compared():
    assert Plan.of({"one": training()[0]}, None) == Plan([], [])


def groups(*sizes):
    """An optimizer's groups with so many parameters each."""
    return [{"params": [*range(size)]} for size in sizes]


def test_other_groups_of_parameters_are_refused():
    parameters = [nn.Parameter(torch.zeros(1)) for _ in range(5)]
    one = torch.optim.SGD([dict(params=parameters)], 0.1)
    two = torch.optim.SGD(
        [dict(params=parameters[:2]), dict(params=parameters[2:])], 0.1
    )
    require_same_groups(one, {"optimizer": dict(param_groups=groups(5))})
    require_same_groups(two, {"optimizer": dict(param_groups=groups(2, 3))})
    require_same_groups(one, {"optimizer": {}})  # of several optimizers
    with pytest.raises(ConfigError, match="has 2 groups of parameters, the config's 1"):
        require_same_groups(one, {"optimizer": dict(param_groups=groups(2, 3))})
    with pytest.raises(ConfigError, match="config's 2 with 5 parameters; start a new"):
        require_same_groups(two, {"optimizer": dict(param_groups=groups(3, 2))})
    with pytest.raises(ConfigError, match="has 3 groups.* parameters; start a new run"):
        require_same_groups(two, {"optimizer": dict(param_groups=groups(1, 1, 3))})
    # a group for each parameter, as MMEngine makes them
    with pytest.raises(ConfigError, match="DefaultOptimWrapperConstructor, or start"):
        require_same_groups(two, {"optimizer": dict(param_groups=groups(*[1] * 5))})
