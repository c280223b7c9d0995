"""DKD: who learns, what is left at test time, and two ranks against one process."""

import pytest
import torch
from torch.nn.parallel import DistributedDataParallel

from mmpsearch.errors import CheckpointError
from mmpsearch.models.person_search.two_stage.dkd import shift_boxes
from mmpsearch.models.person_search.two_stage.frozen_teacher import FrozenTeacher
from mmpsearch.registry import MODELS
from tests.distributed import run_two_ranks
from tests.test_models.tiny_spnet import gradients
from tests.test_models.tiny_two_stage import (
    EVERY_TERM,
    TEACHER,
    scene_with_crops,
    tiny_dkd,
    tiny_two_stage,
    two_stage_scene,
)


@pytest.fixture(scope="module")
def dkd():
    return tiny_dkd(EVERY_TERM)


def test_terms_and_their_weights(dkd):
    inputs, samples = scene_with_crops()
    dkd.train()
    losses = dkd.loss(inputs, samples)
    names = ("loss_reid", "loss_probability", "loss_pairwise", "loss_triplet")
    assert all(losses[name] > 0 for name in names)
    plain = tiny_dkd().train()
    plain.load_state_dict(dkd.state_dict())
    assert not any(name in plain.loss(inputs, samples) for name in names[1:])
    for name, weight in (("pairwise", 10.0), ("triplet", 1.0)):
        unit = tiny_dkd({name: 1.0}, reid_weight=1.0).train()
        unit.load_state_dict(dkd.state_dict())
        value = unit.loss(inputs, samples)[f"loss_{name}"]
        torch.testing.assert_close(losses[f"loss_{name}"], 0.1 * weight * value)


def test_the_gradient_reaches_the_student_only():
    model = tiny_dkd(EVERY_TERM).train()
    before = [p.clone() for p in model.teacher.model.state_dict().values()]
    sum(model.loss(*scene_with_crops()).values()).backward()
    assert all(g is not None for g in gradients(model).values())
    assert all(p.grad is None for p in model.teacher.model.parameters())
    after = model.teacher.model.state_dict().values()
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert not model.teacher.model.training


def test_the_teacher_is_neither_saved_nor_optimised_nor_needed(dkd):
    baseline = tiny_dkd()
    assert dkd.state_dict().keys() == baseline.state_dict().keys()
    assert sum(p.numel() for p in dkd.parameters()) == sum(
        p.numel() for p in baseline.parameters()
    )
    baseline.load_state_dict(dkd.state_dict())
    dkd.eval(), baseline.eval()
    teacher, dkd.teacher = dkd.teacher, None
    inputs, samples = two_stage_scene()
    with torch.no_grad():
        found = [s.pred_instances.clone() for s in dkd.predict(inputs, samples)]
        expected = [s.pred_instances for s in baseline.predict(inputs, samples)]
    dkd.teacher = teacher
    for a, b in zip(found, expected, strict=True):
        assert torch.equal(a.bboxes, b.bboxes) and len(a) > 0
        assert torch.equal(a.embeddings, b.embeddings)


def test_inference_takes_the_steps_of_the_baseline(dkd):
    inputs, samples = two_stage_scene()

    def steps(model):
        taken = []
        for name, module in model.named_modules():
            module.register_forward_hook(lambda *_, name=name: taken.append(name))
        with torch.inference_mode():
            model.eval().predict(inputs, samples)
        return taken

    taken = steps(dkd)
    assert taken == steps(tiny_dkd()) and "backbone" in taken


def test_the_same_shift_moves_box_and_region():
    boxes = torch.tensor([[10.0, 20.0, 30.0, 100.0]])
    shifts = torch.tensor([[0.1, -0.05]])
    moved = shift_boxes(boxes, shifts)
    torch.testing.assert_close(moved, torch.tensor([[12.0, 16.0, 32.0, 96.0]]))
    # resized to a half, the same share is the same shift
    torch.testing.assert_close(shift_boxes(boxes / 2, shifts), moved / 2)


def test_only_shifted_boxes_learn_from_shifted_crops(dkd):
    """Without a shift the second divergence of equation 6 repeats the first."""
    inputs, samples = scene_with_crops()
    for sample in samples:
        people = sample.gt_instances
        people.shifts = torch.zeros_like(people.shifts)
        people.shifted_crops = people.crops
    once = tiny_dkd({"probability": 1.0}).train()
    twice = tiny_dkd({"probability": 1.0, "shifted": True}).train()
    a, b = (m.loss(inputs, samples)["loss_probability"] for m in (once, twice))
    torch.testing.assert_close(b, 2 * a)


def test_labelled_boxes_alone():
    inputs, samples = scene_with_crops()
    everybody = tiny_dkd(EVERY_TERM).train().loss(inputs, samples)
    labelled = tiny_dkd({**EVERY_TERM, "boxes": "labelled"}).train()
    some = labelled.loss(inputs, samples)
    assert some["loss_reid"] == everybody["loss_reid"]
    assert some["loss_probability"] != everybody["loss_probability"]


def test_a_batch_without_people():
    inputs, samples = scene_with_crops()
    for sample in samples:
        sample.gt_instances = sample.gt_instances[:0]
    model = tiny_dkd(EVERY_TERM).train()
    losses = model.loss(inputs, samples)
    sum(losses.values()).backward()
    assert all(value.isfinite() for value in losses.values())
    assert all(g is None or g.isfinite().all() for g in gradients(model).values())


def test_mistakes_are_explained(tmp_path):
    with pytest.raises(ValueError, match="must be 'all' or 'labelled'"):
        tiny_dkd({"boxes": "some"})
    with pytest.raises(ValueError, match="needs distillation.probability"):
        tiny_dkd({"shifted": True})
    model = tiny_dkd(EVERY_TERM).train()
    with pytest.raises(ValueError, match="no 'crops'.*CutTeacherCrops"):
        model.loss(*two_stage_scene())
    model = tiny_dkd()
    model.distillation = tiny_dkd(EVERY_TERM).distillation
    with pytest.raises(CheckpointError, match=r"set model\.teacher_checkpoint"):
        model.init_weights()
    other = MODELS.build({**TEACHER, "num_identities": 7})
    with pytest.raises(ValueError, match="teacher has 7 identities, the student 6"):
        model.use_teacher(FrozenTeacher(other))
    with pytest.raises(ValueError, match="needs one classifier"):
        FrozenTeacher(MODELS.build({**TEACHER, "num_identities": None}))


def test_a_teachers_checkpoint(tmp_path):
    torch.manual_seed(0)
    model = MODELS.build(TEACHER)
    meta = {"dataset_meta": {"identity_order": [3, 4, 5, 6, 8, 9]}}
    torch.save({"state_dict": model.state_dict(), "meta": meta}, tmp_path / "t.pth")
    student = tiny_two_stage(
        "DKD",
        type="mmpsearch.DKD",
        reid_loss={
            "type": "mmpsearch.IdentityCrossEntropy",
            "num_identities": 6,
            "embed_dims": 32,
        },
        teacher=TEACHER,
        teacher_checkpoint=str(tmp_path / "t.pth"),
        distillation={"probability": 1.0},
    )
    student.init_weights()
    assert student.teacher.identity_order == [3, 4, 5, 6, 8, 9]
    crops = torch.randint(256, (2, 3, 32, 16), dtype=torch.uint8)
    vectors, logits = student.teacher(crops)
    assert vectors.shape == (2, 32) and logits.shape == (2, 6)
    model.eval()
    inputs = model.data_preprocessor({"inputs": crops})["inputs"]
    torch.testing.assert_close(vectors, model.extract(inputs))
    assert student.teacher(crops[:0])[1].shape == (0, 6)
    narrow = {**TEACHER, "heads": {"part": TEACHER["heads"]["whole"]}}
    with pytest.raises(CheckpointError, match=r"does not fit model\.teacher"):
        FrozenTeacher.from_checkpoint(narrow, tmp_path / "t.pth")


def step(rank: int | None, empty: bool) -> list:
    """Two forward and backward passes in float64."""
    model = tiny_dkd(EVERY_TERM).train().double()
    inputs, samples = scene_with_crops()
    for sample in samples:
        sample.gt_instances.bboxes = sample.gt_instances.bboxes.double()
    if empty:
        samples[1].gt_instances = samples[1].gt_instances[:0]
    inputs, forward = inputs.double(), model
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
    return steps


def both_steps(rank: int | None) -> list:
    return [step(rank, empty) for empty in (False, True)]


def test_two_ranks_compute_what_one_process_does():
    for first, second, one in zip(
        *run_two_ranks(both_steps), both_steps(None), strict=True
    ):
        for a, b, whole in zip(first, second, one, strict=True):
            for name, value in whole["losses"].items():
                mean = (a["losses"][name] + b["losses"][name]) / 2
                torch.testing.assert_close(mean, value, rtol=1e-5, atol=1e-6)
            for name, value in whole["gradients"].items():
                torch.testing.assert_close(
                    a["gradients"][name], value, rtol=1e-4, atol=1e-6, msg=name
                )
