"""Losses, gradients and updates of a step, against the public implementation.

Sampled anchors and regions are the golden ones: the random choice is not compared.
"""

from itertools import count

import numpy as np
import pytest
import torch
from mmdet.models.task_modules.samplers import SamplingResult
from mmengine.structures import InstanceData

from mmpsearch.models.converters.gfn import convert_gfn
from mmpsearch.models.person_search.region_sampling import SampledRegions
from mmpsearch.models.person_search.two_stage import sequential_head
from mmpsearch.structures import PersonSearchSample

from .gfn_reference import build, golden, image, public_state

SIZES = [(160, 192), (160, 192), (128, 160)]
NAMES = {
    "gfn_loss": "loss_filter",
    "loss_proposal_cls": "loss_proposal_class",
    "loss_proposal_reg": "loss_proposal_box",
    "loss_box_cls": "loss_class",
    "loss_box_reg": "loss_box",
    "sim_loss": "loss_reid",
    "loss_rpn_reg": "loss_rpn_bbox",
    "loss_rpn_cls": "loss_rpn_cls",
}
VARIANTS = {
    "combined_batch": {},
    "combined_oim": dict(prototypes=True),
    "separate_batch": dict(objective="separate"),
    "separate_oim": dict(objective="separate", prototypes=True),
    "image": dict(objective="image"),
}


def samples_of(arrays):
    samples = []
    for i, size in enumerate(SIZES):
        labels = torch.from_numpy(arrays[f"target{i}_labels"]).long() - 1
        sample = PersonSearchSample(
            metainfo=dict(
                img_id=i, img_shape=size, pad_shape=(160, 192), ori_shape=size
            )
        )
        sample.set_metainfo(dict(batch_input_shape=(160, 192)))
        sample.gt_instances = InstanceData(
            bboxes=torch.from_numpy(arrays[f"target{i}_boxes"]).float(),
            labels=torch.zeros(len(labels), dtype=torch.int64),
            person_ids=torch.where(labels >= 10, -1, labels),
            unique_ids=torch.from_numpy(arrays[f"target{i}_person_id"]).long(),
        )
        samples.append(sample)
    return samples


def inputs():
    batch = torch.zeros(3, 3, 160, 192)
    for i, (height, width) in enumerate(SIZES):
        batch[i, :, :height, :width] = image(f"gfn/train{i}", height, width)
    return batch


class GivenAnchors:
    """Stands in for the random sampler of anchors."""

    def __init__(self, arrays, anchors):
        self.images, self.arrays, self.anchors = count(), arrays, anchors

    def sample(self, assigned, priors, truth, **_):
        place = next(self.images)
        chosen = []
        for kind in ("pos", "neg"):
            flat = torch.from_numpy(self.arrays[f"rpn_{kind}_idx"]).long()
            own = flat[flat // self.anchors == place]
            chosen.append(own - place * self.anchors)
        flags = torch.zeros(self.anchors, dtype=torch.uint8)
        # the golden positives are what our assigner calls positive
        assert (assigned.gt_inds[chosen[0]] > 0).all()
        assert (assigned.gt_inds[chosen[1]] == 0).all()
        return SamplingResult(*chosen, priors.priors, truth.bboxes, assigned, flags)


def given_regions(arrays, shifts):
    """Stands in for the random sampling of regions: stage one, then two."""
    stages = count(1)

    def sample(candidates, truth, settings):
        stage = f"stage{next(stages)}"
        numbers = torch.from_numpy(arrays[f"{stage}_num"]).long()
        index = torch.repeat_interleave(torch.arange(3), numbers)
        positive = torch.from_numpy(arrays[f"{stage}_labels"]).long() > 0
        matched = torch.from_numpy(arrays[f"{stage}_matched_gt"]).long()
        boxes = torch.from_numpy(arrays[f"{stage}_boxes"]).float()
        matched = torch.where(positive, matched + shifts[index], -1)
        return SampledRegions(boxes, index, matched)

    return sample


def step(variant, case, monkeypatch, **changes):
    arrays = golden(f"train_{variant}")
    arrays = {
        key.removeprefix(f"{case}/"): value
        for key, value in arrays.items()
        if key.startswith(f"{case}/")
    } | {
        key.removeprefix("combined_batch/"): value
        for key, value in arrays.items()
        if key.startswith("combined_batch/")
        and f"{case}/{key.removeprefix('combined_batch/')}" not in arrays
    }
    model = build(variant, queue=12, **changes).train()
    for module in model.modules():
        if "Drop" in type(module).__name__:
            module.eval()
    loss = model.reid_loss
    loss.lookup_table.copy_(torch.from_numpy(arrays["lut_before"]))
    loss.circular_queue.copy_(torch.from_numpy(arrays["cq_before"]))
    loss.queue_head.fill_(6)
    samples = samples_of(arrays)
    numbers = torch.tensor([0, *(len(s.gt_instances) for s in samples)]).cumsum(0)
    model.rpn_head.sampler = GivenAnchors(arrays, 10 * 12 * 15)
    monkeypatch.setattr(
        sequential_head, "sample_regions", given_regions(arrays, numbers[:-1])
    )
    losses = model.loss(inputs(), samples)
    return arrays, model, losses


def check_losses(arrays, losses):
    names = [str(name) for name in arrays["loss_names"]]
    want = dict(zip(names, arrays["f64_loss_values"].tolist(), strict=True))
    assert {NAMES[name] for name in names} == losses.keys()
    for name, value in want.items():
        got = float(losses[NAMES[name]])
        assert got == pytest.approx(value, rel=1e-3, abs=1e-6), name


def check_gradients(variant, arrays, model, losses):
    sum(losses.values()).backward()
    renamed = convert_gfn(public_state(variant, 10, 12))[1].renamed
    ours = dict(model.named_parameters())
    names = [str(name) for name in arrays["grad_names"]]
    total = float(arrays["f64_total_grad_norm"])
    for name, want in zip(names, arrays["f64_grad_norms"].tolist(), strict=True):
        parameter = ours.pop(renamed[name])
        got = 0.0 if parameter.grad is None else float(parameter.grad.norm())
        assert got == pytest.approx(want, rel=1e-2, abs=1e-3 * total), name
    left = [key for key, value in ours.items() if value.requires_grad]
    assert left == []  # what is trained is trained there as well


@pytest.mark.parametrize("case", VARIANTS)
def test_losses(case, monkeypatch):
    arrays, _, losses = step("r50", case, monkeypatch, **VARIANTS[case])
    check_losses(arrays, losses)


def test_a_step_without_a_filter(monkeypatch):
    """SeqNeXt alone: the same weights and regions, no network beside."""
    arrays, model, losses = step("r50", "no_gfn", monkeypatch, without_filter=True)
    assert "loss_filter" not in losses
    check_losses(arrays, losses)
    check_gradients("r50", arrays, model, losses)


@pytest.mark.parametrize("variant", ["r50", "cnb"])
def test_a_step(variant, monkeypatch):
    arrays, model, losses = step(variant, "combined_batch", monkeypatch)
    check_losses(arrays, losses)
    check_gradients(variant, arrays, model, losses)
    loss = model.reid_loss
    close = dict(rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(loss.lookup_table, arrays["lut_after"], **close)
    np.testing.assert_allclose(loss.circular_queue, arrays["cq_after"], **close)
    assert int(loss.queue_head) == int(arrays["header_after"]) % 12
    state = model.state_dict()
    renamed = convert_gfn(public_state(variant, 10, 12))[1].renamed
    checked = 0
    for key, want in arrays.items():
        if key.startswith("bn/"):
            name = key.removeprefix("bn/").removesuffix("_after").replace("/", ".")
            got = state[renamed[name]][: len(want)]
            np.testing.assert_allclose(got, want, rtol=2e-3, atol=2e-4, err_msg=key)
            checked += 1
    assert checked >= 6
