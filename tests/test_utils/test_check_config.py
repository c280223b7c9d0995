"""Every kind of mistake in a config is found, and named with its key and remedy."""

from pathlib import Path

import pytest
from mmengine.config import Config

from mmpsearch.errors import ConfigError
from mmpsearch.utils.check_config import (
    check_config,
    check_keys,
    require_section,
    require_valid,
)
from tests import toy_training  # noqa: F401  (registers what the config names)

RUNTIME = Path(__file__).parents[2] / "configs" / "_base_" / "default_runtime.py"
GOOD = f"""
_base_ = "{RUNTIME}"
dataset_type = "mmpsearch.ToyDataset"
width = 4
twice = 2 * width
train_pipeline = [dict(type="mmdet.RandomFlip", prob=0.5)]
model = dict(type="mmpsearch.ToyModel", width=twice)
train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type="DefaultSampler", shuffle=True),
    dataset=dict(
        type="mmengine.ConcatDataset",
        datasets=[
            dict(type=dataset_type, size=8),
            dict(type="mmdet.CocoDataset", data_root="x", pipeline=train_pipeline),
        ],
    ),
)
train_cfg = dict(by_epoch=True, max_epochs=3, val_interval=1)
optim_wrapper = dict(
    optimizer=dict(type="AdamW", lr=0.1),
    clip_grad=dict(max_norm=1),
    paramwise_cfg=dict(
        norm_decay_mult=0.0, custom_keys={{"hidden": dict(lr_mult=0.1)}}
    ),
)
param_scheduler = [
    dict(type="LinearLR", start_factor=0.1, by_epoch=False, end=5),
    dict(type="CosineAnnealingLR", T_max=3, convert_to_iter_based=True),
]
val_dataloader = dict(
    dataset=dict(type=dataset_type), sampler=dict(type="DefaultSampler", shuffle=False)
)
val_cfg = dict()
val_evaluator = [dict(type="mmpsearch.ToyMetric")]
auto_scale_lr = dict(enable=False, base_batch_size=2)
"""


def _config(tmp_path, text=GOOD, **changes):
    file = tmp_path / "some_config.py"
    file.write_text(text)
    config = Config.fromfile(file)
    config.merge_from_dict(changes)
    return config


def test_a_good_config_has_no_problem(tmp_path):
    assert check_config(_config(tmp_path)) == []
    require_valid(_config(tmp_path))


MISTAKES = {
    "default_hook.timer.type": ("mmengine.IterTimerHook", "default_hook", "_hooks'?"),
    "trian_cfg.max_epochs": (3, "trian_cfg", "did you mean 'train_cfg'?"),
    "resum": (True, "resum", "did you mean 'resume'?"),
    "sync_bn": ("torch", "sync_bn", "mmpsearch.SafeBatchNorm2d"),
    "unused_variable": (77, "unused_variable", "remove it, or use it"),
    "train_cfg.max_epoch": (3, "train_cfg.max_epoch", "did you mean 'max_epochs'?"),
    "val_cfg.fp61": (True, "val_cfg.fp61", "did you mean 'fp16'?"),
    "train_dataloader.batchsize": (3, "train_dataloader.batchsize", "'batch_size'?"),
    "train_dataloader.sampler.shufle": (1, "train_dataloader.sampler.shufle", "shuff"),
    "train_dataloader.dataset.datasets.0.sise": (
        4,
        "train_dataloader.dataset.datasets[0].sise",
        "did you mean 'size'?",
    ),
    "train_dataloader.dataset.datasets.1.pipeline.0.probe": (
        4,
        "train_dataloader.dataset.datasets[1].pipeline[0].probe",
        "did you mean 'prob'?",
    ),
    "train_dataloader.dataset.datasets.1.anno_file": (  # follows **kwargs to the base
        "a.json",
        "train_dataloader.dataset.datasets[1].anno_file",
        "did you mean 'ann_file'?",
    ),
    "optim_wrapper.clip_gard": ({}, "optim_wrapper.clip_gard", "'clip_grad'?"),
    "optim_wrapper.optimizer.weight_deca": (
        0.1,
        "optim_wrapper.optimizer.weight_deca",
        "did you mean 'weight_decay'?",
    ),
    "optim_wrapper.paramwise_cfg.bias_lr_mul": (
        2.0,
        "optim_wrapper.paramwise_cfg.bias_lr_mul",
        "did you mean 'bias_lr_mult'?",
    ),
    "optim_wrapper.paramwise_cfg.custom_keys.hidden.lr_mul": (
        2.0,
        "optim_wrapper.paramwise_cfg.custom_keys.hidden.lr_mul",
        "did you mean 'lr_mult'?",
    ),
    "optim_wrapper.paramwise_cfg.custom_keys.hiden": (
        dict(lr_mult=2.0),
        "optim_wrapper.paramwise_cfg.custom_keys.hiden",
        "is in no parameter's name; did you mean 'hidden'?",
    ),
    "param_scheduler.0.start_facto": (
        0.1,
        "param_scheduler[0].start_facto",
        "did you mean 'start_factor'?",
    ),
    "model.widht": (4, "model.widht", "did you mean 'width'?"),
    "model.type": ("mmpsearch.TyoModel", "model.type", "'mmpsearch.ToyModel'?"),
    "model.width": ("8", "model.width", "must be a number such as 8, not '8'"),
    "model": (dict(type="mmpsearch.ToyModel", width=-1), "model", "does not build"),
    "val_evaluator.0.type": ("ToyMetric", "val_evaluator[0].type", "'mmpsearch.ToyM"),
    "val_dataloader.dataset.type": (
        "mmdet.ToyDataset",
        "val_dataloader.dataset.type",
        "did you mean 'mmpsearch.ToyDataset'?",
    ),
    "train_dataloader.dataset.type": (
        "ConcatDataset",
        "train_dataloader.dataset.type",
        "write 'mmengine.ConcatDataset' or 'mmdet.ConcatDataset'",
    ),
    "default_hooks.chekpoint": ({}, "default_hooks.chekpoint", "'checkpoint'?"),
    "default_hooks.checkpoint.max_keep_ckpt": (
        1,
        "default_hooks.checkpoint.max_keep_ckpt",
        "did you mean 'max_keep_ckpts'?",
    ),
    "default_hooks.logger.intervall": (
        1,
        "default_hooks.logger.intervall",
        "did you mean 'interval'?",
    ),
    "default_hooks.iteration_seed.seed": (
        1,
        "default_hooks.iteration_seed.seed",
        "is not known",
    ),
    "randomness.sed": (1, "randomness.sed", "did you mean 'seed'?"),
    "env_cfg.mp_cgf": ({}, "env_cfg.mp_cgf", "did you mean 'mp_cfg'?"),
    "auto_scale_lr.enabled": (True, "auto_scale_lr.enabled", "'enable'?"),
    "train_cfg.max_epochs": ("abc", "train_cfg.max_epochs", "at least 1, not 'abc'"),
    "train_cfg.val_interval": (0, "train_cfg.val_interval", "at least 1, not 0"),
    "train_dataloader.batch_size": (0, "train_dataloader.batch_size", "at least 1"),
    "val_dataloader.num_workers": (-1, "val_dataloader.num_workers", "at least 0"),
    "randomness.seed": ("abc", "randomness.seed", "a whole number"),
    "visualizer.vis_backends.0.save_dirr": (
        "x",
        "visualizer.vis_backends[0].save_dirr",
        "did you mean 'save_dir'?",
    ),
}


@pytest.mark.parametrize("option", MISTAKES)
def test_each_mistake_is_named(tmp_path, option):
    value, key, remedy = MISTAKES[option]
    (problem, *more) = check_config(_config(tmp_path, **{option: value}))
    assert not more
    assert problem.key == key
    assert remedy in problem.message
    assert problem.file.endswith("some_config.py")


def test_numbers_that_are_fine(tmp_path):
    numbers = {"train_cfg.max_epochs": 12.0, "randomness.seed": None}
    assert check_config(_config(tmp_path, **numbers)) == []


def test_keys_alone(tmp_path):
    config = _config(tmp_path, **{"model.widht": 1, "resum": True})
    assert [problem.key for problem in check_keys(config)] == ["resum"]


def test_sections_that_a_tool_needs(tmp_path):
    config = _config(tmp_path, test_dataloader=None)
    assert require_section(config, "val_dataloader").dataset.type == (
        "mmpsearch.ToyDataset"
    )
    for key in ("test_dataloader", "test_cfg"):
        with pytest.raises(ConfigError, match=f"some_config.py: {key}: is missing"):
            require_section(config, key)


def test_all_mistakes_come_at_once(tmp_path):
    changes = {"model.widht": 1, "resum": True, "train_cfg.max_epoch": 4}
    config = _config(tmp_path, **changes)
    with pytest.raises(ConfigError) as caught:
        require_valid(config)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(str(tmp_path / "some_config.py")) for line in lines)


def test_a_changed_pipeline_that_nothing_uses_is_found(tmp_path):
    """A child config that sets `train_pipeline` does not change its base's loader."""
    base = tmp_path / "base.py"
    base.write_text(GOOD)
    child = '_base_ = "base.py"\ntrain_pipeline = [dict(type="mmdet.Pad")]\n'
    (problem,) = check_config(_config(tmp_path, child))
    assert problem.key == "train_pipeline"
    assert "some_config.py" in problem.message
    # a child that uses it, or that changes something else, is fine
    child += "train_dataloader = dict(dataset=dict(pipeline=train_pipeline))\n"
    good = '_base_ = "base.py"\nmodel = dict(width=_base_.twice)\n'
    for text in (child, good):
        keys = {p.key for p in check_config(_config(tmp_path, text))}
        assert "train_pipeline" not in keys


def test_missing_parts(tmp_path):
    text = GOOD.replace("model = dict", "_model = dict")
    text = text.replace('sampler=dict(type="DefaultSampler", shuffle=True),', "")
    keys = {problem.key for problem in check_config(_config(tmp_path, text))}
    assert keys == {"model", "train_dataloader.sampler"}


CONFIGS = sorted(
    path for path in RUNTIME.parents[1].rglob("*.py") if "_base_" not in path.parts
)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_config_of_the_project(path):
    assert [str(p) for p in check_config(Config.fromfile(path))] == []


@pytest.mark.parametrize(
    "name", ["reid/bot/bot_r18_synth", "mmgl/agw_r18-tiny_synthetic"]
)
def test_a_run_s_own_copy_is_no_mistake(tmp_path, name):
    """It keeps the variables that helped to write the config."""
    copy = tmp_path / "copy.py"
    Config.fromfile(RUNTIME.parents[1] / f"{name}.py").dump(copy)
    assert "train_pipeline" in Config.fromfile(copy)
    assert check_config(Config.fromfile(copy)) == []
    copy.write_text(copy.read_text() + "default_hook = dict()\n")
    (problem,) = check_keys(Config.fromfile(copy))
    assert problem.key == "default_hook"


def test_a_yaml_config_on_a_python_base(tmp_path):
    path = tmp_path / "mine.yaml"
    base = Path(__file__).parents[2] / "configs/reid/bot/bot_r18_synth.py"
    path.write_text(f"_base_: {base}\ntrain_cfg:\n  max_epochs: 3\ntrian_cfg: 1\n")
    (problem,) = check_config(Config.fromfile(path))
    assert problem.key == "trian_cfg" and "'train_cfg'" in problem.message
    path.write_text(f"_base_: {base}\ntrain_cfg:\n  max_epochs: 3\n")
    assert check_config(Config.fromfile(path)) == []


def test_a_config_on_a_base_of_an_installed_package(tmp_path):
    path = tmp_path / "mine.py"
    base = "_base_ = 'mmpsearch::reid/bot/bot_r18_synth.py'\n"
    path.write_text(f"{base}train_cfg = dict(max_epochs=3)\n")
    assert check_keys(Config.fromfile(path)) == []
    path.write_text(f"{base}trian_cfg = dict(max_epochs=3)\n")
    (problem,) = check_keys(Config.fromfile(path))
    assert problem.key == "trian_cfg" and "'train_cfg'" in problem.message
    path.write_text("_base_ = 'mmdet::rpn/rpn_r50_fpn_1x_coco.py'\n")  # has helpers too
    found = {problem.key for problem in check_keys(Config.fromfile(path))}
    assert not found & {"data_root", "dataset_type", "train_pipeline"}
