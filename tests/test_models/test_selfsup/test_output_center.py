import torch
from torch.testing import assert_close

from mmpsearch.models.selfsup.output_center import OutputCenter


def test_moves_towards_the_mean():
    center = OutputCenter(2, momentum=0.75)
    center.observe(torch.tensor([4.0, 8.0]), rows=3)
    assert_close(center.center, torch.zeros(2))  # not before the step
    center.step()
    assert_close(center.center, torch.tensor([1.0, 2.0]))


def test_accumulated_batches_count_as_one():
    rows = torch.randn(5, 3)
    one, parts = OutputCenter(3), OutputCenter(3)
    one.observe(rows.mean(0), 5)
    for part in rows.split([2, 3]):
        parts.observe(part.mean(0), len(part))
    one.step()
    parts.step()
    assert_close(one.center, parts.center)


def test_a_step_without_outputs_changes_nothing():
    center = OutputCenter(2)
    center.observe(torch.ones(2), 1)
    center.step()
    before = center.center.clone()
    center.step()
    assert torch.equal(center.center, before)


def test_only_the_centre_is_saved():
    assert set(OutputCenter(2).state_dict()) == {"center"}


def test_half_precision_is_lifted():
    center = OutputCenter(1)
    center.observe(torch.tensor([2.0]).half(), 1000)
    center.step()
    assert_close(center.center, torch.tensor([0.2]))
