"""Every UP-ReID config pre-trains, or is fine-tuned, on a few rendered crops.

Networks, pictures and batches are shrunk; data sets, pipelines, losses, samplers,
schedules and hooks are the config's own.
"""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops
from mmpsearch.registry import MODELS
from mmpsearch.utils.checkpoint import load_checkpoint

from .test_reid_runs import make_small as make_small_finetuning

ROOT = Path(__file__).parents[2] / "configs" / "up_reid"
PRETRAININGS = sorted(path.name for path in ROOT.glob("*pretrain*.py"))
PUBLISHED = [name for name in PRETRAININGS if "luperson" in name]
UP_REID, MOCO = (f"{kind}_r50_pretrain_luperson.py" for kind in ("up-reid", "moco"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("rendered")
    for layout in ("luperson", "market1501"):
        people = dict(identities=4, crops_per_identity=5)
        if layout == "market1501":
            people["test_identities"] = 3
        options = make_crop_options(layout, **people, width=16, height=32)
        make_synthetic_crops(options, root / layout)
    return root


def load_tool(name):
    path = ROOT.parents[1] / "tools" / name
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_small(config, data, work_dir):
    config.model.backbone.update(depth=18, stem_channels=4, base_channels=4)
    config.model.backbone.strides = (1, 2, 2, 1)
    config.model.neck.update(in_channels=32, hid_channels=8, out_channels=8)
    config.model.update(embed_dims=8, queue_size=9)
    loader = config.train_dataloader
    loader.update(num_workers=0, persistent_workers=False, batch_size=4)
    crops = loader.dataset.get("dataset", loader.dataset)  # with others' backgrounds
    crops.update(data_root=str(data / "luperson"), fraction=0.6)
    loader.dataset.pipeline[-2].size = (64, 32)
    config.train_cfg.max_epochs = 2
    if config.get("val_dataloader"):  # the probe of frozen features
        config.train_cfg.val_interval = 1
        for loader in (config.val_dataloader, config.test_dataloader):
            loader.update(num_workers=0, persistent_workers=False, batch_size=4)
            loader.dataset.pop("train", None)  # a share of very few people
            loader.dataset.dataset.data_root = str(data / "market1501")
            loader.dataset.dataset.pipeline[1].scale = (32, 64)
    config.work_dir, config.log_level = str(work_dir), "WARNING"
    return config


@pytest.mark.parametrize("name", PRETRAININGS)
def test_pretrains(name, data, tmp_path):
    config = make_small(Config.fromfile(ROOT / name), data, tmp_path)
    runner = Runner.from_cfg(config)
    before = {k: v.clone() for k, v in runner.model.state_dict().items()}
    runner.train()
    hub = runner.message_hub
    losses = hub.get_scalar("train/loss").data[0]
    assert len(losses) == 6 and np.isfinite(losses).all()
    wanted = {"global"}
    if getattr(runner.model, "grid", None):
        wanted.add("patch")
    if getattr(runner.model, "consistency_weight", 0):
        wanted.add("consistency")
    found = {k.split("loss_")[1] for k in hub.log_scalars if "loss_" in k}
    assert found == wanted
    after = load_checkpoint(tmp_path / "epoch_2.pth")["state_dict"]
    for key in ("online.neck.mlp.0.weight", "average.neck.mlp.0.weight"):
        assert not (after[key] == before[key]).all()
    assert int(after["bank.pointer"]) == 24 % 9


def built(name, **backbone):
    """With short queues."""
    config = Config.fromfile(ROOT / name)
    assert config.model.queue_size == 65536
    config.model.queue_size = 8
    config.model.backbone.update(backbone)
    return MODELS.build(config.model)


def test_sizes_are_the_published_ones():
    model = built(UP_REID)
    assert model.bank.queues.shape == (9, 8, 128)
    millions = sum(p.numel() for p in model.online.backbone.parameters()) / 1e6
    assert millions == pytest.approx(23.51, abs=0.01)  # ResNet-50 without classifier
    config = Config.fromfile(ROOT / UP_REID)
    assert 8 * config.train_dataloader.batch_size == 800


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_row_differs_in_what_its_table_names(name):
    got, want = (built(each, depth=18, base_channels=4) for each in (name, UP_REID))
    changes = {
        "pretrain-cc": dict(grid=None, mirror=None, positions=1),
        "pretrain-icc": dict(consistency_weight=0.0),
        "no-hard-mining": dict(mirror=None),
        "4-patches": dict(grid=(2, 2), positions=5),
        "12-patches": dict(grid=(6, 2), positions=13),
    }
    change = next((c for key, c in changes.items() if key in name), {})
    for key in (
        ["temperature", "momentum", "shuffle"]
        if name == MOCO
        else "grid positives kernel consistency_weight positions momentum".split()
    ):
        assert getattr(got, key) == change.get(key, getattr(want, key)), key
    if "mirror" in change:
        assert got.mirror is None
    config, full = Config.fromfile(ROOT / name), Config.fromfile(ROOT / UP_REID)
    originals = config.train_dataloader.dataset.pipeline[1].original
    assert originals == bool(getattr(got, "consistency_weight", 0))
    config.train_dataloader.dataset.pipeline[1].original = True
    for part in ("train_dataloader", "optim_wrapper", "train_cfg", "param_scheduler"):
        assert config[part] == full[part]


def test_the_rate_is_a_cosine_by_epoch(data, tmp_path):
    config = make_small(Config.fromfile(ROOT / MOCO), data, tmp_path)
    config.train_cfg.max_epochs = 4
    runner = Runner.from_cfg(config)
    runner.train()
    rates = runner.message_hub.get_scalar("train/lr").data[0].reshape(4, 3)
    want = 0.05 * (1 + np.cos(np.pi * np.arange(4) / 4))
    assert np.allclose(rates, want[:, None])


class Stop(Exception):
    pass


def stop_at(model, steps):
    """Let the model fail at a training step."""
    step, done = model.train_step, []

    def counted(*args, **kwargs):
        if len(done) == steps:
            raise Stop
        done.append(1)
        return step(*args, **kwargs)

    model.train_step = counted


def test_stopped_and_resumed(data, tmp_path):
    """The same weights and queues as without a stop in the middle of an epoch."""
    whole = make_small(Config.fromfile(ROOT / UP_REID), data, tmp_path / "whole")
    broken = make_small(Config.fromfile(ROOT / UP_REID), data, tmp_path / "broken")
    Runner.from_cfg(whole).train()
    runner = Runner.from_cfg(broken)
    stop_at(runner.model, steps=4)
    with pytest.raises(Stop):
        runner.train()
    broken.update(resume=True, experiment_name="resumed")
    Runner.from_cfg(broken).train()
    want, got = (
        load_checkpoint(tmp_path / folder / "epoch_2.pth")["state_dict"]
        for folder in ("whole", "broken")
    )
    for name, value in want.items():
        assert torch.equal(got[name], value), name


def test_features_are_probed_while_training_and_afterwards(data, tmp_path, capsys):
    path = ROOT / "moco_r18_pretrain_synthetic.py"
    config = make_small(Config.fromfile(path), data, tmp_path)
    config.log_level = "INFO"
    runner = Runner.from_cfg(config)
    runner.train()
    hub = runner.message_hub
    start = hub.get_info("feature_probe/untrained")
    assert start.keys() >= {"frozen_mAP", "probe_mAP", "effective_rank"}
    found = hub.get_scalar("val/frozen_mAP").data[0]
    assert len(found) == 3 and found[0] == start["frozen_mAP"]  # before, and two epochs
    assert runner.test()["frozen_mAP"] == pytest.approx(found[-1])

    # the tool finds the same of the checkpoint, and of the untrained network another
    config.dump(tmp_path / "config.py")
    tool = load_tool("analysis_tools/probe_features.py")
    arguments = [str(tmp_path / "config.py"), str(tmp_path / "epoch_2.pth")]
    assert tool.main(arguments) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert printed["frozen_mAP"] == pytest.approx(found[-1])


def test_fine_tunes_from_a_pretraining(data, tmp_path):
    name = "up-reid_r18_pretrain_synthetic.py"
    config = make_small(Config.fromfile(ROOT / name), data, tmp_path / "pre")
    config.train_cfg.max_epochs = 1
    config.model.backbone.update(stem_channels=8, base_channels=8)
    config.model.neck.in_channels = 64
    Runner.from_cfg(config).train()
    config = Config.fromfile(ROOT / "bot_r18_finetune_synthetic.py")
    config = make_small_finetuning(config, data, tmp_path / "fine")
    config.model.backbone.update(
        stem_channels=8,
        base_channels=8,
        init_cfg=dict(
            type="Pretrained",
            checkpoint=str(tmp_path / "pre" / "epoch_1.pth"),
            prefix="online.backbone.",
        ),
    )
    config.model.heads.whole.in_channels = 64
    runner = Runner.from_cfg(config)
    runner.model.init_weights()
    state = load_checkpoint(tmp_path / "pre" / "epoch_1.pth")["state_dict"]
    key = "backbone.layer1.0.conv1.weight"
    assert torch.equal(runner.model.state_dict()[key], state[f"online.{key}"])
    runner.train()
    assert 0 < runner.test()["mAP"] <= 1
