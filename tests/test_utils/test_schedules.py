import numpy as np
import pytest
from numpy.testing import assert_allclose

from mmpsearch.utils.schedules import Ramp, cosine_between, warmup_cosine
from tests.pretraining_golden import golden_arrays


def dino(step, base, minimum, total, warmup):
    return warmup_cosine(
        step, base, total, warmup, minimum=minimum, peak_in_warmup=True
    )


def test_public_schedules():
    golden = golden_arrays("cosine_schedules")
    total = int(golden["epochs"] * golden["niter_per_ep"])
    warmup = int(10 * golden["niter_per_ep"])
    for place, step in enumerate(golden["idx"].tolist()):
        rate = dino(step, 0.002, 1e-6, total, warmup)
        assert_allclose(rate, golden["lr"][place], rtol=1e-9, atol=1e-15)
        assert_allclose(cosine_between(step, 0.04, 0.4, total), golden["wd"][place])
        momentum = cosine_between(step, 0.996, 1.0, total)
        assert_allclose(momentum, golden["momentum"][place], rtol=1e-12)


def test_a_whole_small_schedule():
    golden = golden_arrays("cosine_schedules")
    steps = range(len(golden["small_lr"]))
    total, warmup = len(steps), int(golden["small_warmup"] * golden["small_niter"])
    rates = [dino(step, 5e-4, 1e-6, total, warmup) for step in steps]
    assert_allclose(rates, golden["small_lr"], rtol=1e-9, atol=1e-15)
    assert rates[0] == 0 and rates[warmup - 1] == rates[warmup] == 5e-4
    decays = [cosine_between(step, 0.04, 0.4, total) for step in steps]
    assert_allclose(decays, golden["small_wd"], rtol=1e-9)
    momenta = [cosine_between(step, 0.996, 1.0, total) for step in steps]
    assert_allclose(momenta, golden["small_momentum"], rtol=1e-12)


def test_ends():
    assert cosine_between(10, 1.0, 3.0, 10) == cosine_between(99, 1.0, 3.0, 10) == 3.0
    assert cosine_between(5, 1.0, 3.0, 10) == pytest.approx(2.0)
    assert dino(0, 1.0, 0.0, 10, 0) == 1.0
    assert dino(0, 1.0, 0.0, 10, 1) == 0.0


@pytest.mark.parametrize(
    "case, epochs, ramps",
    [
        ("A", 12, [Ramp(0.04, 0.07, 5)] * 2),
        ("B", 12, [Ramp(0.04, 0.04), Ramp(0.04, 0.07, 4, wait=3)]),
        ("C", 300, [Ramp(0.04, 0.07, 30)] * 2),
    ],
)
def test_public_temperatures(case, epochs, ramps):
    golden = golden_arrays("ibot_loss")
    names = ("teacher_temp_schedule", "teacher_patch_temp_schedule")
    for name, ramp in zip(names, ramps, strict=True):
        want = golden[f"{case}/{name}"]
        got = [ramp.at(epoch) for epoch in range(epochs)]
        assert_allclose(got, want, rtol=1e-12, err_msg=name)


def test_ramp_by_hand():
    ramp = Ramp(start=1.0, end=3.0, epochs=3, wait=2)
    values = [ramp.at(epoch) for epoch in range(7)]
    assert values == [1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 3.0]
    assert np.isclose(Ramp(1.0, 3.0, epochs=1).at(0), 1.0)
    assert Ramp(1.0, 3.0).at(0) == 3.0
