import math

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.runner import Runner

from mmpsearch.engine.schedulers import (
    AbsoluteCosineLR,
    FloorCosineLR,
    WarmupCosineLR,
)
from mmpsearch.utils.schedules import warmup_cosine


def warmup_cosine_factor(step, total, warmup, start=1e-3):
    return warmup_cosine(step, 1.0, total, warmup, start)


def build(epochs, epoch_length, warmup):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=2.0)
    scheduler = WarmupCosineLR.build_iter_from_epoch(
        optimizer, end=epochs, epoch_length=epoch_length, warmup=warmup
    )
    return optimizer, scheduler


def test_factors_by_hand():
    factors = [warmup_cosine_factor(step, 10, 4, 0.2) for step in range(11)]
    assert factors[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert factors[7] == pytest.approx(0.5)  # half way of the cosine's six steps
    assert factors[9] == pytest.approx(0.5 * (1 + math.cos(math.pi * 5 / 6)))
    assert factors[10] == 0 and warmup_cosine_factor(99, 10, 4) == 0


def test_warmup_ends_before_the_first_epoch():
    _, scheduler = build(epochs=3, epoch_length=5, warmup=1000)
    assert scheduler.warmup == 4 and scheduler.total == 15


def test_optimizer_follows_and_resumes():
    optimizer, scheduler = build(epochs=2, epoch_length=6, warmup=3)
    rates = []
    for _ in range(12):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    expected = [2.0 * warmup_cosine_factor(step, 12, 3) for step in range(12)]
    assert rates == pytest.approx(expected)

    again, fresh = build(epochs=2, epoch_length=6, warmup=3)
    for _ in range(5):
        again.step()
        fresh.step()
    state = fresh.state_dict()
    _, resumed = build(epochs=2, epoch_length=6, warmup=3)
    resumed.load_state_dict(state)
    again.step()
    fresh.step()
    resumed.step()
    assert resumed.get_last_value() == fresh.get_last_value()


def test_the_runner_tells_the_length(tmp_path):
    """Through MMEngine's runner: warm-up, peak and zero at the last iteration."""
    config = dict(
        type="mmpsearch.WarmupCosineLR",
        warmup=2,
        by_epoch=True,
        convert_to_iter_based=True,
    )

    class Recorder(Hook):
        rates = []

        def before_train_iter(self, runner, batch_idx, data_batch=None):
            self.rates.append(runner.optim_wrapper.get_lr()["lr"][0])

    class Model(BaseModel):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, x, mode):
            return {"loss": (self.weight * x[0]).sum()}

    recorder = Recorder()
    runner = Runner(
        model=Model(),
        work_dir=str(tmp_path),
        train_dataloader=dict(
            dataset=[dict(x=torch.ones(1))] * 5,
            sampler=dict(type="DefaultSampler", shuffle=False),
            batch_size=1,
        ),
        train_cfg=dict(by_epoch=True, max_epochs=3),
        optim_wrapper=dict(optimizer=dict(type="SGD", lr=2.0)),
        param_scheduler=[config],
        custom_hooks=[recorder],
        default_hooks=dict(logger=None, checkpoint=None),
    )
    runner.train()
    expected = [2.0 * warmup_cosine_factor(step, 15, 2) for step in range(15)]
    assert recorder.rates == pytest.approx(expected)
    assert runner.optim_wrapper.get_lr()["lr"] == [0.0]


def values(scheduler, steps):
    found = []
    for _ in range(steps):
        found.append(scheduler.optimizer.param_groups[0]["lr"])
        scheduler.optimizer.step()
        scheduler.step()
    return found


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2.0)


def test_former_names_warn_and_give_the_same_rates():
    with pytest.warns(FutureWarning, match="FloorCosineLR is now .*WarmupCosineLR"):
        old = FloorCosineLR.build_iter_from_epoch(
            optimizer(), end=4, epoch_length=3, warmup=2, minimum=0.1
        )
    new = WarmupCosineLR.build_iter_from_epoch(
        optimizer(),
        end=4,
        epoch_length=3,
        warmup=2,
        minimum=0.1,
        start=0.0,
        warmup_by_epoch=True,
        peak_in_warmup=True,
    )
    assert values(old, 12) == values(new, 12)
    with pytest.warns(FutureWarning, match="AbsoluteCosineLR is now"):
        old = AbsoluteCosineLR(
            optimizer(), total=9, warmup=3, start=0.1, minimum=0.2, end=12
        )
    new = WarmupCosineLR(optimizer(), 9, 3, start=0.1, minimum=0.2, prefix=False)
    assert values(old, 9) == values(new, 9)
