import pytest
import torch

from mmpsearch.engine.schedulers import CosineWeightDecay, WarmupCosineLR
from tests.pretraining_golden import golden_arrays


def build():
    golden = golden_arrays("cosine_schedules")
    groups = [
        dict(params=[torch.nn.Parameter(torch.zeros(1))]),
        dict(params=[torch.nn.Parameter(torch.zeros(1))], weight_decay=0.0),
    ]
    optimizer = torch.optim.AdamW(groups, lr=5e-4, weight_decay=0.04)
    length = dict(
        end=int(golden["small_epochs"]), epoch_length=int(golden["small_niter"])
    )
    return optimizer, [
        WarmupCosineLR.build_iter_from_epoch(
            optimizer,
            warmup=int(golden["small_warmup"]),
            start=0.0,
            minimum=1e-6,
            warmup_by_epoch=True,
            peak_in_warmup=True,
            **length,
        ),
        CosineWeightDecay.build_iter_from_epoch(optimizer, final=0.4, **length),
    ]


def test_public_schedules_drive_the_optimizer():
    golden, (optimizer, schedules) = golden_arrays("cosine_schedules"), build()
    found = []
    for _ in golden["small_lr"]:
        decaying, other = optimizer.param_groups
        assert decaying["lr"] == other["lr"] and other["weight_decay"] == 0
        found.append((decaying["lr"], decaying["weight_decay"]))
        optimizer.step()
        for schedule in schedules:
            schedule.step()
    rates, decays = zip(*found, strict=True)
    assert rates == pytest.approx(golden["small_lr"], rel=1e-9, abs=1e-15)
    assert decays == pytest.approx(golden["small_wd"], rel=1e-9)


def test_resumes():
    _, schedules = build()
    _, resumed = build()
    for schedule, again in zip(schedules, resumed, strict=True):
        for _ in range(30):
            schedule.step()
        again.load_state_dict(schedule.state_dict())
        schedule.step()
        again.step()
        assert again.get_last_value() == schedule.get_last_value()
