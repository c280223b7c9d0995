import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.selfsup.self_distillation import cross_entropy
from mmpsearch.utils.schedules import TrainingProgress
from tests.test_models.test_selfsup.small import small_model, small_views


def plain_losses(model, views, masks):
    """The same by one forward pass per view and logits of all patches."""
    count, batch = masks.shape[:2]
    student, teacher = model.student, model.teacher
    with torch.no_grad():
        taught = [teacher.head(teacher.backbone(v)[0]) for v in views[:count]]
    learnt = [
        student.head(student.backbone(v, mask=m)[0])
        for v, m in zip(views[:count], masks, strict=True)
    ]
    learnt += [student.head(student.backbone(v)[0]) for v in views[count:]]
    pairs, patches = [], []
    for g, (classes, patch) in enumerate(taught):
        target = ((classes - model.class_center.center) / 0.04).softmax(-1)
        for v, (logits, _) in enumerate(learnt):
            if v != g:
                pairs.append(cross_entropy(target, logits, 0.1).mean())
        target = ((patch - model.patch_center.center) / 0.04).softmax(-1)
        each = cross_entropy(target, learnt[g][1], 0.1)  # (B, P)
        chosen = masks[g].flatten(1).float()
        per_image = (each * chosen).sum(1) / chosen.sum(1).clamp(min=1)
        patches.append(per_image.mean())
    means = [torch.cat([t[i].flatten(0, -2) for t in taught]).mean(0) for i in (0, 1)]
    return torch.stack(pairs).mean(), torch.stack(patches).mean(), means


@pytest.mark.parametrize(
    "settings",
    [
        {},
        dict(head=dict(shared=False, patch_prototypes=12)),
        dict(head=dict(shared=False), teacher_head=dict(shared=True)),
    ],
    ids=["shared", "separate", "shared teacher"],
)
def test_as_one_pass_per_view_with_all_logits(settings):
    model = small_model(**settings)
    views, masks = small_views(local_sizes=((32, 16), (48, 16), (32, 16)))
    with torch.no_grad():  # a teacher of its own, and centres that are not zero
        for parameter in model.teacher.parameters():
            parameter.mul_(1.2)
        model.class_center.center.normal_()
        model.patch_center.center.normal_()
    want_class, want_patch, means = plain_losses(model, views, masks)
    (want_class + want_patch).backward()
    gradients = [p.grad.clone() for p in model.student.parameters()]
    model.zero_grad()
    losses = model(views, masks=masks, mode="loss")
    sum(losses.values()).backward()
    assert_close(losses["loss_class"], want_class)
    assert_close(losses["loss_patch"], want_patch)
    for parameter, want in zip(model.student.parameters(), gradients, strict=True):
        assert_close(parameter.grad, want, atol=1e-5, rtol=1e-4)
    for center, mean in zip(
        (model.class_center, model.patch_center), means, strict=True
    ):
        before = center.center.clone()
        center.step()
        assert_close(center.center, 0.9 * before + 0.1 * mean)


def test_every_trained_parameter_has_a_gradient():
    for settings in ({}, dict(patch_weight=0.0, head=dict(shared=False))):
        model = small_model(**settings)
        views, masks = small_views()
        for masked in (masks, torch.zeros_like(masks)):
            model.zero_grad()
            sum(model(views, masks=masked, mode="loss").values()).backward()
            trained = [p for p in model.parameters() if p.requires_grad]
            assert all(p.grad is not None for p in trained)
            assert all(p.grad.isfinite().all() for p in trained)


def test_dino_alone():
    views, masks = small_views()
    both = small_model()(views, masks=masks, mode="loss")
    alone = small_model(patch_weight=0.0)(views, masks=masks, mode="loss")
    assert alone["loss_patch"] == 0 and both["loss_patch"] > 0
    assert_close(alone["loss_class"], both["loss_class"])  # the same masked input


def test_weights_scale_the_losses():
    views, masks = small_views()
    one = small_model()(views, masks=masks, mode="loss")
    other = small_model(class_weight=2.0, patch_weight=0.5)(
        views, masks=masks, mode="loss"
    )
    assert_close(other["loss_class"], 2 * one["loss_class"])
    assert_close(other["loss_patch"], 0.5 * one["loss_patch"])


def test_masks_may_start_later():
    model = small_model(mask_start_epoch=2)
    views, masks = small_views()
    first = model(views, masks=masks, mode="loss")
    without = model(views, masks=torch.zeros_like(masks), mode="loss")
    assert first["loss_patch"] == 0
    assert_close(first["loss_class"], without["loss_class"])
    model.start_iteration(TrainingProgress(2, 2, 4))
    assert model(views, masks=masks, mode="loss")["loss_patch"] > 0


def test_no_local_views():
    model = small_model()
    views, masks = small_views(local_sizes=())
    losses = model(views, masks=masks, mode="loss")
    assert all(value.isfinite() for value in losses.values())


def test_the_teacher_has_no_chance_and_no_gradient():
    model = small_model(backbone=dict(drop_path=0.5))
    views, masks = small_views()
    sum(model(views, masks=masks, mode="loss").values()).backward()
    assert all(p.grad is None for p in model.teacher.parameters())
    assert not hasattr(model.teacher.backbone, "masked_embed")
    one, two = (model.extract(views[0]) for _ in range(2))
    assert torch.equal(one, two)


def test_the_teacher_starts_as_the_student_and_follows_it():
    model = small_model(momentum=0.75)
    teacher = dict(model.teacher.named_parameters())
    student = dict(model.student.named_parameters())
    assert set(student) - set(teacher) == {"backbone.masked_embed"}
    for name, parameter in teacher.items():
        assert torch.equal(parameter, student[name])
    with torch.no_grad():
        student["backbone.cls_token"].add_(1.0)
    before = teacher["backbone.cls_token"].clone()
    model.after_optimizer_step()
    assert_close(teacher["backbone.cls_token"], before + 0.25)
    model.start_iteration(TrainingProgress(0, 4, 4))  # the momentum has come to 1
    before = teacher["backbone.cls_token"].clone()
    model.after_optimizer_step()
    assert torch.equal(teacher["backbone.cls_token"], before)


def test_the_teacher_starts_as_a_pretrained_student(tmp_path):
    file = tmp_path / "weights.pth"
    source = small_model(seed=7)
    torch.save(dict(state_dict=source.state_dict()), file)
    init = dict(type="Pretrained", checkpoint=str(file), prefix="teacher.backbone.")
    model = small_model(backbone=dict(init_cfg=init))
    for part in (model.student, model.teacher):
        assert torch.equal(part.backbone.pos_embed, source.teacher.backbone.pos_embed)


def test_temperatures_follow_the_epoch():
    views, masks = small_views()
    losses = []
    for epoch in (0, 1):
        ramp = dict(start=0.04, end=1.0, epochs=2)
        model = small_model(class_temperature=ramp, patch_temperature=ramp)
        model.start_iteration(TrainingProgress(epoch, 0, 4))
        losses.append(model(views, masks=masks, mode="loss"))
    assert losses[0]["loss_class"] != losses[1]["loss_class"]
    assert losses[0]["loss_patch"] != losses[1]["loss_patch"]


def test_losses_are_float32_under_mixed_precision():
    model = small_model()
    views, masks = small_views()
    with torch.autocast("cpu", torch.bfloat16):
        losses = model(views, masks=masks, mode="loss")
    assert {value.dtype for value in losses.values()} == {torch.float32}
    assert model.class_center.total.dtype == torch.float32


@pytest.mark.skipif(
    torch.__version__ < (2, 6),
    reason="torch.compile of PyTorch 2.4 stops at this model",
)
def test_compiled_losses_are_the_same():
    views, masks = small_views()
    want = small_model()(views, masks=masks, mode="loss")
    model = small_model()
    # what MMEngine does for compile=dict(backend="eager")
    model.forward = torch.compile(model.forward, backend="eager")
    got = model(views, masks=masks, mode="loss")
    assert_close(got["loss_class"], want["loss_class"])
    assert_close(got["loss_patch"], want["loss_patch"])


@pytest.mark.parametrize("synchronised", [False, True])
def test_convolution_stem(synchronised):
    stem = dict(stem="ibn", synchronised_stem=synchronised)
    model = small_model(backbone=stem)
    views, masks = small_views()
    losses = model(views, masks=masks, mode="loss")
    sum(losses.values()).backward()
    assert all(p.grad is not None for p in model.student.parameters())
    other = small_model(backbone=stem)(
        [view.contiguous(memory_format=torch.channels_last) for view in views],
        masks=masks,
        mode="loss",
    )
    assert_close(losses["loss_class"], other["loss_class"], atol=1e-4, rtol=1e-4)


def test_without_the_hook():
    model = small_model()
    model._progress = None
    views, masks = small_views()
    with pytest.raises(RuntimeError, match="mmpsearch.TrainingProgressHook"):
        model(views, masks=masks, mode="loss")
    with pytest.raises(ValueError, match="predicts nothing"):
        model(views, mode="predict")
