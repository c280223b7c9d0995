"""Two whole optimisation steps of iBOT's public code, repeated by the real parts."""

from types import SimpleNamespace

import numpy as np
import torch

from mmpsearch.engine.hooks import FreezeParametersHook, TrainingProgressHook
from mmpsearch.engine.optimizers import DecayGroupsConstructor
from mmpsearch.engine.schedulers import CosineWeightDecay, WarmupCosineLR
from mmpsearch.registry import MODELS
from tests.pretraining_golden import golden_arrays, golden_keys
from tests.test_models.reid_golden import filled_state, wave_images

EPOCHS, LENGTH = 10, 5
KEYS, GOLDEN = golden_keys(), golden_arrays("pretrain_step")


def build_model():
    model = MODELS.build(
        dict(
            type="mmpsearch.PersonViT",
            backbone=dict(
                type="mmpsearch.VisionTransformer",
                arch=dict(dims=96, depth=2, heads=3),
            ),
            head=dict(
                type="mmpsearch.PrototypeHead",
                in_channels=96,
                prototypes=64,
                hidden=128,
                bottleneck=32,
            ),
            class_temperature=dict(start=0.04, end=0.07, epochs=3),
            patch_temperature=dict(start=0.04, end=0.07, epochs=3),
        )
    )
    for name in ("student", "teacher"):
        state = filled_state(KEYS[f"{name}_state_keys"], 0.25)
        state |= {k: torch.ones_like(v) for k, v in state.items() if "weight_g" in k}
        state["head.last_layer2.weight_v"] = state["head.last_layer.weight_v"]
        getattr(model, name).load_state_dict(state)
    return model


def sums(module, names):
    parameters = dict(module.named_parameters())
    values = [parameters[name].detach().double() for name in names]
    return [np.array([f(v).item() for v in values]) for f in (torch.sum, abs_sum)]


def abs_sum(value):
    return value.abs().sum()


def close(got, want, rtol=1e-5, atol=1e-5):
    got, want = np.asarray(got), np.asarray(want)
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol)


def tolerances(names, moved):
    """Of the sums over a parameter, after AdamW moved it by at most ``moved``.

    A softmax does not see the keys' bias. Its gradient is rounding, whose sign alone
    AdamW follows: 96 entries move by chance up or down, their sum by 10 steps' size.
    """
    chance = 5 * 96**0.5 * moved
    return [5e-5 + chance * name.endswith("qkv.bias") for name in names]


def close_each(got, want, atol):
    wrong = np.abs(got - want) > np.asarray(atol) + 1e-6 * np.abs(want)
    assert not wrong.any(), (np.flatnonzero(wrong), got[wrong], want[wrong])


def test_two_steps():
    model = build_model()
    wrapper = DecayGroupsConstructor(
        dict(
            type="mmpsearch.ClipEachOptimWrapper",
            clip_grad=dict(max_norm=0.3),
            optimizer=dict(type="AdamW", lr=1e-3, weight_decay=0.04),
        )
    )(model)
    runner = SimpleNamespace(
        model=model, optim_wrapper=wrapper, max_iters=EPOCHS * LENGTH
    )
    length = dict(end=EPOCHS, epoch_length=LENGTH)
    optimizer = wrapper.optimizer
    schedules = [
        WarmupCosineLR.build_iter_from_epoch(
            optimizer,
            warmup=1,
            start=0.0,
            minimum=1e-6,
            warmup_by_epoch=True,
            peak_in_warmup=True,
            **length,
        ),
        CosineWeightDecay.build_iter_from_epoch(optimizer, final=0.4, **length),
    ]
    freeze = FreezeParametersHook(["student.head.last_layer"], epochs=1)
    progress = TrainingProgressHook()
    seen = {}

    def note_gradients(*_):
        seen["norms"] = [
            parameter.grad.norm().item()
            for _, parameter in model.student.named_parameters()
        ]

    original = wrapper._clip_grad
    wrapper._clip_grad = lambda: (note_gradients(), original())
    iteration, moved = 0, 0.0
    for step in (0, 1):
        get = {k[3:]: v for k, v in GOLDEN.items() if k.startswith(f"s{step}/")}
        runner.epoch, target = int(get["epoch"]), int(get["it"])
        for _ in range(target - iteration):
            for schedule in schedules:
                schedule.step()
        iteration = runner.iter = target
        decaying, other = optimizer.param_groups
        close([decaying["lr"], other["lr"]], [get["lr"]] * 2, rtol=1e-9, atol=0)
        close([decaying["weight_decay"], other["weight_decay"]], [get["wd"], 0])
        views = [wave_images(phase=0.3 * v + step) for v in range(2)]
        views += [wave_images(96, 64, phase=1 + 0.2 * v + step) for v in range(4)]
        masks = torch.from_numpy(get["mask_g"]).bool()
        check_logits(model, views, masks, get)

        freeze.before_train_epoch(runner)
        progress.before_train_iter(runner, 0)
        losses = model(views, masks=masks, mode="loss")
        close(losses["loss_class"].item(), get["loss_cls"])
        close(losses["loss_patch"].item(), get["loss_patch"])
        total, _ = model.parse_losses(losses)
        close(total.item(), get["loss"])
        wrapper.update_params(total)
        progress.after_train_iter(runner, 0)
        close(seen["norms"], get["grad_norm"], rtol=1e-4)
        close(model.class_center.center, get["center_cls"][0])
        close(model.patch_center.center, get["center_patch"][0, 0])
        for name in ("student", "teacher"):
            module, keys = getattr(model, name), KEYS[f"{name}_param_names"]
            total, absolute = sums(module, keys)
            moved += decaying["lr"] if name == "student" else 0.0
            atol = tolerances(keys, moved)
            close_each(total, get[f"{name}_sum_after"], atol)
            close_each(absolute, get[f"{name}_abssum_after"], atol)


@torch.no_grad()
def check_logits(model, views, masks, get):
    whole = torch.cat(views[:2])
    classes, patches = model.teacher.head(model.teacher.backbone(whole)[0])
    close(classes, get["teacher_cls"], atol=2e-5)
    close(patches[:, :8], get["teacher_patch_first8"], atol=2e-5)
    mask = masks.flatten(0, 1)
    student = model.student
    classes, patches = student.head(student.backbone(whole, mask=mask)[0])
    close(classes, get["student_cls"], atol=2e-5)
    close(patches[:, :8], get["student_patch_first8"], atol=2e-5)
    local = student.head(student.backbone(torch.cat(views[2:]))[0])[0]
    close(local, get["student_local_cls"], atol=2e-5)


def test_groups_are_the_public_ones():
    model = build_model()
    wrapper = DecayGroupsConstructor(
        dict(optimizer=dict(type="AdamW", lr=1e-3, weight_decay=0.04))
    )(model)
    names = {p: name for name, p in model.student.named_parameters()}
    groups = [[names[p] for p in g["params"]] for g in wrapper.optimizer.param_groups]
    assert groups == [KEYS["regularized"], KEYS["not_regularized"]]
    decays = [g["weight_decay"] for g in wrapper.optimizer.param_groups]
    assert decays == [0.04, 0.0]
