import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.selfsup.output_center import OutputCenter
from mmpsearch.models.selfsup.self_distillation import (
    class_distillation,
    cross_entropy,
    masked_patch_distillation,
    masked_patch_weights,
    teacher_distribution,
)
from mmpsearch.utils.schedules import Ramp
from tests.pretraining_golden import golden_arrays

# case: patch weight, ramps of class and patch, momentum of the patch centre
CASES = {
    "A": (1.0, Ramp(0.04, 0.07, 5), Ramp(0.04, 0.07, 5), 0.9),
    "B": (0.5, Ramp(0.04, 0.04), Ramp(0.04, 0.07, 4, wait=3), 0.8),
    "C": (1.0, Ramp(0.04, 0.07, 30), Ramp(0.04, 0.07, 30), 0.9),
}
CLOSE = dict(atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_public_losses_gradients_and_centres(case):
    weight, class_ramp, patch_ramp, patch_momentum = CASES[case]
    arrays = golden_arrays("ibot_loss")
    data = {key: torch.from_numpy(value) for key, value in arrays.items()}
    class_center = OutputCenter(data[f"{case}/s0/teacher_cls"].shape[1])
    width = data[f"{case}/s0/teacher_patch"].shape[2]
    patch_center = OutputCenter(width, patch_momentum)
    for step in ("s0", "s1"):
        get = {
            key.removeprefix(f"{case}/{step}/"): value
            for key, value in data.items()
            if key.startswith(f"{case}/{step}/")
        }
        epoch, mask = int(get["epoch"]), get["mask_g"].bool()
        views, batch = mask.shape[:2]
        chosen = mask.flatten(0, 1).flatten(1)
        students = {
            name: get[name].clone().requires_grad_()
            for name in ("student_cls", "student_patch", "student_local_cls")
            if name in get
        }
        rows = [students["student_cls"]]
        if "student_local_cls" in students:
            rows.append(students["student_local_cls"])
        loss_class = class_distillation(
            teacher_distribution(
                get["teacher_cls"], class_center.center, class_ramp.at(epoch)
            ).chunk(views),
            torch.cat(rows).split(batch),
        )
        loss_patch = weight * masked_patch_distillation(
            teacher_distribution(
                get["teacher_patch"][chosen], patch_center.center, patch_ramp.at(epoch)
            ),
            students["student_patch"][chosen],
            masked_patch_weights(chosen, chosen.nonzero()[:, 0]),
        )
        assert_close(loss_class, get["loss_cls"], **CLOSE)
        assert_close(loss_patch, get["loss_patch"], **CLOSE)
        (loss_class + loss_patch).backward()
        for name, student in students.items():
            if f"grad_{name}" in get:
                assert_close(student.grad, get[f"grad_{name}"], **CLOSE)
        teacher = get["teacher_cls"]
        class_center.observe(teacher.mean(0), len(teacher))
        patches = get["teacher_patch"].flatten(0, 1)
        patch_center.observe(patches.mean(0), len(patches))
        class_center.step()
        patch_center.step()
        assert_close(class_center.center, get["center_cls"][0], **CLOSE)
        assert_close(patch_center.center, get["center_patch"][0, 0], **CLOSE)


def slow_class_loss(teacher, student, temperature):
    """The definition, pair by pair and image by image."""
    pairs = [
        -(target[b] * (view[b] / temperature).log_softmax(0)).sum()
        for g, target in enumerate(teacher)
        for v, view in enumerate(student)
        if v != g
        for b in range(len(view))
    ]
    return torch.stack(pairs).mean()


@pytest.mark.parametrize("views", [(2, 2), (2, 5), (1, 4), (3, 3)])
def test_class_loss_of_any_number_of_views(views):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(sum(views), 3, 7, generator=generator, dtype=torch.double)
    teacher = teacher_distribution(logits[: views[0]], torch.zeros(7), 0.05).unbind()
    student = list(logits[views[0] :])
    got = class_distillation(teacher, student, 0.2)
    assert_close(got, slow_class_loss(teacher, student, 0.2))


def test_one_view_alone_has_no_loss():
    student = torch.randn(2, 3, requires_grad=True)
    loss = class_distillation([torch.full((2, 3), 1 / 3)], [student])
    loss.backward()
    assert loss == 0 and student.grad.abs().sum() == 0


def test_nothing_masked():
    student = torch.zeros(0, 5, requires_grad=True)
    mask = torch.zeros(4, 8, dtype=torch.bool)
    weights = masked_patch_weights(mask, mask.nonzero()[:, 0])
    loss = masked_patch_distillation(torch.zeros(0, 5), student, weights)
    loss.backward()
    assert loss == 0 and loss.isfinite()


def test_weights_of_masked_patches_by_hand():
    mask = torch.tensor([[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 1]]).bool()
    want = [1 / 8, 1 / 8, 1 / 4, 1 / 16, 1 / 16, 1 / 16, 1 / 16]
    assert_close(masked_patch_weights(mask, mask.nonzero()[:, 0]), torch.tensor(want))


def test_half_precision_is_lifted():
    logits = torch.randn(4, 9).half() * 20
    target = teacher_distribution(logits, torch.zeros(9), 0.04)
    assert target.dtype == torch.float32
    assert_close(target.sum(-1), torch.ones(4))
    loss = cross_entropy(target, logits, 0.1)
    assert loss.dtype == torch.float32
    assert_close(loss, cross_entropy(target, logits.float(), 0.1))


def test_teacher_has_no_gradient():
    logits = torch.randn(2, 3, requires_grad=True)
    assert not teacher_distribution(logits, torch.zeros(3), 1.0).requires_grad
