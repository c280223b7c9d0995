"""The two-stage model, and two ranks of it against one process."""

import copy

import pytest
import torch
from mmengine.structures import InstanceData
from torch.nn.parallel import DistributedDataParallel

from tests.distributed import run_two_ranks
from tests.test_models.tiny_spnet import gradients
from tests.test_models.tiny_two_stage import (
    EMBED_DIMS,
    HEADS,
    tiny_two_stage,
    two_stage_scene,
)


def step(rank: int | None, head: str, empty: bool) -> list:
    """Two forward and backward passes, in float64: rounding is not the question."""
    model = tiny_two_stage(head).train().double()
    inputs, samples = two_stage_scene()
    inputs = inputs.double()
    for sample in samples:
        sample.gt_instances.bboxes = sample.gt_instances.bboxes.double()
    if empty:
        samples[1].gt_instances = samples[1].gt_instances[:0]
    forward = model
    if rank is not None:
        inputs, samples = inputs[rank : rank + 1], samples[rank : rank + 1]
        forward = DistributedDataParallel(model, broadcast_buffers=False)
    steps = []
    for _ in range(2):
        model.zero_grad()
        losses = forward(inputs, samples, mode="loss")
        sum(losses.values()).backward()
        values = {name: value.detach() for name, value in losses.items()}
        steps.append({"losses": values, "gradients": gradients(model)})
    return [*steps, dict(model.named_buffers())]


def all_steps(rank: int | None) -> dict:
    return {(head, e): step(rank, head, e) for head in HEADS for e in (False, True)}


@pytest.fixture(scope="module")
def results():
    return [*run_two_ranks(all_steps), all_steps(None)]


@pytest.mark.parametrize("empty", [False, True], ids=["both", "one rank without boxes"])
@pytest.mark.parametrize("head", HEADS)
def test_two_ranks_compute_what_one_process_does(results, head, empty):
    first, second, one = (result[head, empty] for result in results)
    for a, b, whole in zip(first[:2], second[:2], one[:2], strict=True):
        for name, value in whole["losses"].items():
            mean = (a["losses"][name] + b["losses"][name]) / 2
            torch.testing.assert_close(mean, value, rtol=1e-5, atol=1e-6, msg=name)
        for name, value in whole["gradients"].items():
            assert torch.equal(a["gradients"][name], b["gradients"][name]), name
            torch.testing.assert_close(
                a["gradients"][name], value, rtol=1e-4, atol=1e-6, msg=name
            )
    for name, value in one[2].items():
        torch.testing.assert_close(first[2][name], value, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("head", HEADS)
def test_every_parameter_learns(head):
    model = tiny_two_stage(head).train()
    inputs, samples = two_stage_scene()
    losses = model.loss(inputs, samples)
    assert {"loss_rpn_cls", "loss_rpn_bbox", "loss_class", "loss_reid"} <= losses.keys()
    sum(losses.values()).backward()
    assert [n for n, g in gradients(model).items() if g is None] == []


def test_detection_alone():
    model = tiny_two_stage(reid_loss=None).train()
    assert "loss_reid" not in model.loss(*two_stage_scene())


@pytest.mark.parametrize("head", HEADS)
def test_prediction(head):
    model = tiny_two_stage(head, embed_ground_truth=True).eval()
    inputs, samples = two_stage_scene()
    samples[0].set_metainfo({"scale_factor": (2.0, 0.5)})
    for sample in samples:
        sample.query_instances = InstanceData(bboxes=sample.gt_instances.bboxes[:1])
    with torch.no_grad():
        found = model.predict(inputs, samples)
    for sample in found:
        people = sample.pred_instances
        assert len(people) > 0
        assert people.embeddings.shape == (len(people), EMBED_DIMS[head])
        torch.testing.assert_close(
            sample.query_instances.embeddings,
            sample.gt_instances.embeddings[:1],
            rtol=1e-4,
            atol=1e-5,
        )
    # in pixels of the original image: 48 wide, 128 high
    assert found[0].pred_instances.bboxes[:, 2].max() <= 48
    assert found[0].pred_instances.bboxes[:, 3].max() > 64


def test_training_takes_more_proposals():
    model = tiny_two_stage(train_proposals={"max_per_img": 3})
    assert model.train_proposals.max_per_img == 3
    assert model.rpn_head.test_cfg.max_per_img == 12


def test_what_is_found_does_not_depend_on_the_other_images():
    """A larger image in the batch pads the smaller one; padding takes no part."""
    model = tiny_two_stage("SeqNet").eval()
    inputs, samples = two_stage_scene(1)
    height, width = inputs.shape[2:]
    larger = torch.nn.functional.pad(inputs, (0, 32, 0, 64)) + 0.0
    larger[:, :, height:] = torch.randn(1, 3, 64, width + 32)
    both = torch.cat([torch.nn.functional.pad(inputs, (0, 32, 0, 64)), larger])
    (alone,) = model(inputs, copy.deepcopy(samples), mode="predict")
    other = copy.deepcopy(samples[0])
    other.set_metainfo(dict(img_shape=(height + 64, width + 32)))
    beside, _ = model(both, [copy.deepcopy(samples[0]), other], mode="predict")
    assert len(alone.pred_instances) > 0
    for name in ("bboxes", "scores", "embeddings"):
        assert torch.equal(beside.pred_instances[name], alone.pred_instances[name]), (
            name
        )
