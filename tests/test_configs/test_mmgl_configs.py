"""Every MMGL config pre-trains, or is fine-tuned, on a few rendered people.

Networks, pictures and batches are shrunk; data sets, pipelines, losses, samplers,
schedules, hooks and metrics are the config's own.
"""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MessageHub
from mmengine.runner import Runner

from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops
from mmpsearch.registry import MODELS
from mmpsearch.utils.checkpoint import load_checkpoint

ROOT = Path(__file__).parents[2] / "configs" / "mmgl"
PRETRAININGS = sorted(path.name for path in ROOT.glob("mmgl_*.py"))
SUPERVISED = "supervised_r18-tiny_pretrain_synthetic.py"
FINETUNINGS = sorted(
    path.name
    for path in ROOT.glob("*.py")
    if path.name not in (*PRETRAININGS, SUPERVISED)
)
SCRATCH = dict(type="Pretrained", checkpoint=None)
NARROW = dict(depth=18, stem_channels=8, base_channels=8, init_cfg=SCRATCH)
SIZE = (48, 96)  # width, height: a row of the feature map per stripe


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("rendered")
    people = dict(identities=8, test_identities=3, crops_per_identity=6)
    for layout in ("sysu_mm01", "regdb", "market1501"):
        options = make_crop_options(layout, **people, width=16, height=32)
        make_synthetic_crops(options, root / layout)
    return root


LAYOUTS = dict(SYSUMM01="sysu_mm01", RegDB="regdb", Market1501="market1501")


def make_small(name, data, work_dir):
    config = Config.fromfile(ROOT / name)
    model = config.model
    model.backbone.update(copy.deepcopy(NARROW))
    if "non_local" in model.backbone:  # ResNet-18 has two blocks per stage
        model.backbone.non_local = [min(n, 1) for n in model.backbone.non_local]
    loaders = [config[f"{part}_dataloader"] for part in ("train", "val", "test")]
    if "also" in config.val_cfg:
        loaders.append(config.val_cfg.also.dataloader)
    for loader in loaders:
        loader.update(num_workers=0, persistent_workers=False)
        dataset = loader.dataset.get("dataset", loader.dataset)  # a probe's is inside
        kind = dataset.type.removeprefix("mmpsearch.")
        dataset.data_root = str(data / LAYOUTS[kind])
        for step in dataset.pipeline:
            if step.type == "mmcv.Resize":
                step.scale = SIZE
    if name in PRETRAININGS:
        model.permutation_head.in_channels = model.part_neck.in_channels = 64
        config.train_dataloader.batch_size = 8
        config.train_dataloader.sampler.num_per_modality = 4
    else:
        model.heads.whole.in_channels = 64
        model.num_identities = 8
        config.train_dataloader.batch_size = 8
        config.train_dataloader.sampler.update(num_identities=2, num_instances=2)
    config.train_cfg.update(max_epochs=1, val_interval=2)
    config.work_dir, config.log_level = str(work_dir), "WARNING"
    return config


def run(config):
    """Losses of the steps, and what the test says."""
    runner = Runner.from_cfg(config)
    runner.train()
    losses = runner.message_hub.get_scalar("train/loss").data[0]
    assert len(losses) >= 1 and np.isfinite(losses).all()
    return runner.test()


@pytest.mark.parametrize("name", PRETRAININGS)
def test_pretrains(name, data, tmp_path):
    metrics = run(make_small(name, data, tmp_path))
    assert 0 <= metrics["permutation_whole"] <= metrics["permutation_stripe"] <= 1
    state = load_checkpoint(tmp_path / "epoch_1.pth")["state_dict"]
    stems = {key.split(".")[2] for key in state if key.startswith("backbone.stems.")}
    assert stems == (set() if "one-stream" in name else {"rgb", "ir"})
    history = MessageHub.get_current_instance().log_scalars
    for name in ("all_single_python/frozen_mAP", "permutation_stripe"):
        # before the first epoch, and after the last
        assert len(history[f"val/{name}"].data[0]) == 2


def test_supervised_weights_go_into_both_stems(data, tmp_path):
    config = Config.fromfile(ROOT / SUPERVISED)
    config.model.num_identities = 8
    for part in ("train", "val", "test"):
        loader = config[f"{part}_dataloader"]
        loader.update(num_workers=0, persistent_workers=False)
        loader.dataset.data_root = str(data / "market1501")
    config.train_dataloader.batch_size = 8
    config.train_dataloader.sampler.update(num_identities=2, num_instances=4)
    config.train_cfg.max_epochs = 1
    config.work_dir, config.log_level = str(tmp_path), "WARNING"
    Runner.from_cfg(config).train()
    checkpoint = tmp_path / "epoch_1.pth"
    source = load_checkpoint(checkpoint)["state_dict"]["backbone.conv1.weight"]
    for name in ("agw_r18-tiny_synthetic.py", "mmgl_r18-tiny_pretrain_synthetic.py"):
        config = Config.fromfile(ROOT / name)
        config.merge_from_dict({"model.backbone.init_cfg.checkpoint": str(checkpoint)})
        model = MODELS.build(config.model)
        model.init_weights()
        for stem in model.backbone.stems.values():
            assert torch.equal(stem.conv1.weight, source)


@pytest.mark.parametrize("name", FINETUNINGS)
def test_trains_and_tests(name, data, tmp_path):
    metrics = run(make_small(name, data, tmp_path))
    values = [v for k, v in metrics.items() if k.endswith("/mAP")]
    assert values and all(0 < value <= 1 for value in values)


@pytest.mark.parametrize("stream", ["one-stream", "two-stream"])
def test_fine_tunes_from_a_pretraining_by_one_field(stream, data, tmp_path):
    pretraining = f"mmgl_r50-{stream}_pretrain_sysu-mm01.py"
    run(make_small(pretraining, data, tmp_path / "pre"))
    path = tmp_path / "pre" / "epoch_1.pth"
    source = load_checkpoint(path)["state_dict"]
    config = make_small("agw_r50_sysu-mm01.py", data, tmp_path / "fine")
    config.merge_from_dict({"model.backbone.init_cfg.checkpoint": str(path)})
    model = MODELS.build(config.model)
    model.init_weights()
    state = model.state_dict()
    for key, value in state.items():
        if key.startswith("backbone.") and ".non_local." not in key:
            one = key.replace("stems.rgb.", "").replace("stems.ir.", "")
            assert torch.equal(value, source[key if key in source else one]), key
    if stream == "two-stream":
        stems = [state[f"backbone.stems.{m}.conv1.weight"] for m in ("rgb", "ir")]
        assert not torch.equal(*stems)


@pytest.mark.parametrize("name", [n for n in FINETUNINGS if "r50" in n])
def test_sizes_and_rates_are_the_published_ones(name):
    config = Config.fromfile(ROOT / name)
    assert config.model.num_identities == (206 if "regdb" in name else 395)
    config.model.backbone.init_cfg = None
    backbone = MODELS.build(config.model.backbone)
    number = sum(p.numel() for p in backbone.parameters())
    stems = 1 if "one-stream" in name else 2
    non_local = "agw" in name
    # torchvision's ResNet-50 without classifier; conv1 and bn1; 1x1 convolutions of
    # 512 and 1024 channels and their norms
    blocks = sum(n * (4 * c + 3 + 3 * c) for n, c in ((2, 512), (3, 1024)))
    expected = 23_508_032 + (stems - 1) * (64 * 147 + 128) + non_local * blocks
    assert number == expected


def test_pre_training_s_numbers():
    config = Config.fromfile(ROOT / "mmgl_r50-two-stream_pretrain_sysu-mm01.py")
    sampler = config.train_dataloader.sampler
    assert sampler.num_per_modality == 48
    assert config.train_dataloader.batch_size == 96
    steps = [
        step.type.split(".")[1] for step in config.train_dataloader.dataset.pipeline
    ]
    assert steps[1:] == [
        *("Resize", "PadCrop", "RandomFlip", "AugMix", "RandomErasing"),
        "PackReIDInputs",
    ]
    losses = config.model.permutation_loss, config.model.cycle_loss
    loss, cycle = (MODELS.build(each) for each in losses)
    assert (loss.iterations, loss.samples, loss.temperature) == (20, 10, 1.0)
    assert (cycle.temperature, config.model.cycle_weight) == (0.07, 0.2)


def test_the_small_ones_fit_each_other_by_one_field(tmp_path):
    source = Config.fromfile(ROOT / "mmgl_r18-tiny_pretrain_synthetic.py").model
    pretrained = MODELS.build(source)
    torch.save({"state_dict": pretrained.state_dict()}, tmp_path / "p.pth")
    config = Config.fromfile(ROOT / "agw_r18-tiny_synthetic.py")
    config.merge_from_dict(
        {"model.backbone.init_cfg.checkpoint": str(tmp_path / "p.pth")}
    )
    model = MODELS.build(config.model)
    model.init_weights()
    state = model.backbone.state_dict()
    for key, value in pretrained.backbone.state_dict().items():
        assert torch.equal(state[key], value), key
