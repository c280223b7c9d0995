"""Every method for RGB and infrared trains and is tested on a few rendered crops.

Networks, pictures and batches are shrunk; data sets, pipelines, losses, samplers,
schedules, hooks and metrics are the config's own.
"""

import re

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops
from mmpsearch.registry import MODELS

from .test_cross_modality_methods import CONFIGS, ROOT, load, shrink

LAYOUTS = dict(SYSUMM01="sysu_mm01", RegDB="regdb")
PRETRAININGS = sorted((ROOT / "mmgl/other_pretraining").glob("*.py"))
HIGH_RATES = [
    "mmgl/agw_r50_sysu-mm01.py",
    "mmgl/one-stream_r50_regdb.py",
    "caj/caj_r50_sysu-mm01.py",
    "ddag/ddag_r50_sysu-mm01.py",
    "nfs/nfs_r50_regdb.py",
]
SIZE = (24, 48)  # width, height
SMALL = dict(depth=18, stem_channels=8, base_channels=16)  # 128 channels


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder per layout with a few people."""
    root = tmp_path_factory.mktemp("rendered")
    for layout in LAYOUTS.values():
        options = make_crop_options(
            layout,
            identities=6,
            test_identities=4,
            crops_per_identity=6,
            width=16,
            height=32,
        )
        make_synthetic_crops(options, root / layout)
    return root


def make_small(config, data, work_dir, rate=1e-4):
    """Six people, no worker processes, at a rate for random weights."""
    for name in ("train_dataloader", "val_dataloader", "test_dataloader"):
        loader = config.get(name)
        if loader is None:
            continue
        loader.update(num_workers=0, persistent_workers=False)
        dataset = loader.dataset.get("dataset", loader.dataset)  # a probe's is inside
        layout = LAYOUTS[dataset.type.removeprefix("mmpsearch.")]
        dataset.data_root = str(data / layout)
        for step in dataset.pipeline:
            if step.type == "mmcv.Resize":
                step.scale = SIZE
            for key in ("size", "global_size", "local_size"):
                if key in step:
                    step[key] = SIZE[::-1]
    config.train_cfg.update(max_epochs=1, val_interval=2)
    config.optim_wrapper.optimizer.lr = rate
    config.work_dir, config.log_level = str(work_dir), "WARNING"
    config.val_dataloader = config.val_cfg = config.val_evaluator = None
    return config


def train(config):
    """One epoch; every loss is finite."""
    runner = Runner.from_cfg(config)
    runner.train()
    losses = runner.message_hub.get_scalar("train/loss").data[0]
    assert len(losses) >= 1 and np.isfinite(losses).all()
    return runner


def small_method(name, data, work_dir, rate=1e-4):
    config = make_small(load(name), data, work_dir, rate)
    shrink(config.model)
    if not any(config.model.backbone.get("non_local", ())):
        config.model.backbone.update(SMALL)  # CAJ's blocks need ResNet-50
    config.model.num_identities = 6
    sampler = config.train_dataloader.sampler
    sampler.update(num_identities=2, num_instances=2)
    views = sampler.get("rgb_views", 1) + 1
    config.train_dataloader.batch_size = 2 * 2 * views
    return config


@pytest.mark.parametrize("name", CONFIGS)
def test_trains_and_tests(name, data, tmp_path):
    metrics = train(small_method(name, data, tmp_path)).test()
    values = [v for k, v in metrics.items() if k.endswith("mAP")]
    assert values and all(0 < value <= 1 for value in values)


@pytest.mark.parametrize("name", HIGH_RATES)
def test_few_steps_at_the_published_rate_test_to_finite_numbers(name, data, tmp_path):
    rate = load(name).optim_wrapper.optimizer.lr
    config = small_method(name, data, tmp_path / "precise", rate)
    assert config.default_hooks.precise_batch_norm.num_batches == 8
    config.train_cfg.max_epochs = 2
    runner = train(config)
    runner.test()  # the metric refuses what is not finite
    # nothing of the training depends on it
    config = small_method(name, data, tmp_path / "running", rate)
    config.train_cfg.max_epochs = 2
    config.default_hooks.pop("precise_batch_norm")
    without = train(config)
    norm = "running_(mean|var)$"
    for (key, own), other in zip(
        runner.model.state_dict().items(),
        without.model.state_dict().values(),
        strict=True,
    ):
        assert torch.equal(own, other) or re.search(norm, key), key
    if name.startswith("mmgl/agw"):
        with pytest.raises(ValueError, match="NaN or infinity"):
            without.test()


def narrow(part):
    """Divide all widths of a config by 16."""
    if isinstance(part, (list, tuple)):
        for item in part:
            narrow(item)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in ("in_channels", "hid_channels", "out_channels", "feat_dim"):
                part[key] = value // 16
            narrow(value)


@pytest.mark.parametrize("path", PRETRAININGS, ids=lambda path: path.stem)
def test_pretrains(path, data, tmp_path):
    config = make_small(Config.fromfile(path), data, tmp_path)
    narrow(config.model)
    config.model.backbone.update(SMALL)
    for hook in config.custom_hooks:
        if hook.type == "mmpretrain.SwAVHook":
            hook.update(batch_size=8, feat_dim=8, queue_length=16)
    config.train_dataloader.batch_size = 8
    config.train_dataloader.sampler.num_per_modality = 4
    if "queue_len" in config.model:
        config.model.queue_len = 16
    runner = train(config)
    # AGW starts from it
    checkpoint = tmp_path / "epoch_1.pth"
    backbone = MODELS.build(
        dict(
            type="mmpsearch.TwoStreamResNet",
            **SMALL,
            init_cfg=dict(type="Pretrained", checkpoint=str(checkpoint)),
        )
    )
    backbone.init_weights()
    wanted = runner.model.backbone.state_dict()
    for stem in backbone.stems.values():
        assert torch.equal(stem.conv1.weight, wanted["conv1.weight"])
    loaded = backbone.state_dict()
    assert torch.equal(loaded["layer4.1.conv2.weight"], wanted["layer4.1.conv2.weight"])
