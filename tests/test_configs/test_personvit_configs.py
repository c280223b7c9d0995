"""Every PersonViT config pre-trains, or is fine-tuned, on a few rendered crops.

Networks, pictures and batches are shrunk; data sets, pipelines, losses, samplers,
schedules and hooks are the config's own.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributed.fsdp
from mmengine.config import Config
from mmengine.runner import Runner

from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops
from mmpsearch.registry import MODELS
from mmpsearch.utils.checkpoint import load_checkpoint
from tests.distributed import _free_port

from .test_reid_runs import make_small as make_small_finetuning

ROOT = Path(__file__).parents[2] / "configs" / "personvit"
PRETRAININGS = sorted(path.name for path in ROOT.glob("*pretrain*.py"))
SHARDED = "personvit_vit-b_pretrain-sharded_luperson.py"  # of several ranks only
PARAMETERS = {"small": 21.64, "base": 85.75}  # millions, without mask token and head


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("rendered")
    for layout in ("luperson", "market1501"):
        people = dict(identities=4, crops_per_identity=5)
        if layout == "market1501":
            people["test_identities"] = 3
        options = make_crop_options(layout, **people, width=16, height=32)
        make_synthetic_crops(options, root / layout)
    names = (root / "luperson" / "list.txt").read_text()
    (root / "luperson" / "CFS_list.txt").write_text(names)
    return root


def make_small(config, data, work_dir):
    patch = config.model.backbone.get("patch_size", 16)
    config.model.backbone.update(
        arch=dict(dims=24, depth=2, heads=3),
        image_size=(4 * patch, 2 * patch),
        init_cfg=None,
    )
    config.model.head.update(in_channels=24, prototypes=32, hidden=16, bottleneck=8)
    loader = config.train_dataloader
    loader.update(num_workers=0, persistent_workers=False, batch_size=4)
    crops = loader.dataset.get("dataset", loader.dataset)  # with others' backgrounds
    crops.update(data_root=str(data / "luperson"), fraction=0.6)
    if "image_list" in crops:
        crops.image_list = "CFS_list.txt"  # not a pickle
    views, masks = loader.dataset.pipeline[-3:-1]
    views.update(
        global_size=(4 * patch, 2 * patch),
        local_size=(2 * patch, patch),
        local_views=2,
    )
    masks.grid = (4, 2)
    config.train_cfg.max_epochs = 2
    if config.get("val_dataloader"):  # the probe of frozen features
        config.train_cfg.val_interval = 1
        for loader in (config.val_dataloader, config.test_dataloader):
            loader.update(num_workers=0, persistent_workers=False, batch_size=4)
            loader.dataset.pop("train", None)  # a share of very few people
            loader.dataset.dataset.data_root = str(data / "market1501")
            loader.dataset.dataset.pipeline[1].scale = (2 * patch, 4 * patch)
    config.work_dir, config.log_level = str(work_dir), "WARNING"
    return config


@pytest.mark.parametrize("name", [n for n in PRETRAININGS if n != SHARDED])
def test_pretrains(name, data, tmp_path):
    config = make_small(Config.fromfile(ROOT / name), data, tmp_path)
    runner = Runner.from_cfg(config)
    model = runner.model
    before = {k: v.clone() for k, v in model.state_dict().items()}
    runner.train()
    losses = runner.message_hub.get_scalar("train/loss").data[0]
    assert len(losses) == 6 and np.isfinite(losses).all()
    after = load_checkpoint(tmp_path / "epoch_2.pth")["state_dict"]
    for key in ("student.head.mlp.0.weight", "teacher.head.mlp.0.weight"):
        assert not (after[key] == before[key]).all()
    assert after["class_center.center"].abs().max() > 0


def test_two_ranks_share_out_the_weights(data, tmp_path):
    if not hasattr(torch.distributed.fsdp, "fully_shard"):
        pytest.skip("needs PyTorch 2.6 or newer")
    config = make_small(Config.fromfile(ROOT / SHARDED), data, tmp_path / "work")
    config.dump(tmp_path / "sharded.py")
    done = subprocess.run(
        ["bash", "tools/dist_train.sh", str(tmp_path / "sharded.py"), "2"],
        cwd=ROOT.parents[1],
        env=dict(
            os.environ,
            PYTHONPATH=str(ROOT.parents[1]),
            PYTHON=sys.executable,
            PORT=str(_free_port()),
            CUDA_VISIBLE_DEVICES="",
            OMP_NUM_THREADS="1",
        ),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    saved = load_checkpoint(tmp_path / "work" / "epoch_2.pth")["state_dict"]
    model = MODELS.build(config.model)  # of one process, which takes all of it
    model.load_state_dict(saved)
    assert saved["class_center.center"].abs().max() > 0
    taught = [saved[f"{who}.head.mlp.0.weight"] for who in ("teacher", "student")]
    assert not torch.equal(*taught)


@pytest.mark.parametrize("name", [n for n in PRETRAININGS if "tiny" not in n])
def test_sizes_are_the_published_ones(name):
    config = Config.fromfile(ROOT / name)
    config.model.head.prototypes = 8
    config.model.backbone.init_cfg = None
    with torch.device("meta"):  # shapes without numbers
        model = MODELS.build(config.model)
    backbone = model.teacher.backbone
    millions = sum(p.numel() for p in backbone.parameters()) / 1e6
    assert millions == pytest.approx(PARAMETERS[config.model.backbone.arch], abs=0.05)
    assert model.student.head.mlp[0].in_features == backbone.embed_dims
    fixed = not model.student.head.last_layer.weight_g.requires_grad
    assert fixed == ("vit-b" in name)


def test_batch_and_rate_follow_the_paper_s_rule():
    gpus = {"small-batch": 4, "imagenet": 4, "synthetic": 1}
    for name in PRETRAININGS:
        if "tiny" in name:
            continue
        config = Config.fromfile(ROOT / name)
        number = next((g for key, g in gpus.items() if key in name), 64)
        batch = number * config.train_dataloader.batch_size
        rate = config.optim_wrapper.optimizer.lr
        assert rate == pytest.approx(min(5e-4 * batch / 256, 2e-3))


def test_fine_tunes_from_a_pretraining(data, tmp_path):
    pretraining = "personvit_vit-tiny_pretrain_synthetic.py"
    config = make_small(Config.fromfile(ROOT / pretraining), data, tmp_path / "pre")
    config.train_cfg.max_epochs = 1
    config.model.backbone.update(arch=dict(dims=24, depth=1, heads=3))
    Runner.from_cfg(config).train()
    config = Config.fromfile(ROOT / "personvit_vit-tiny_finetune_synthetic.py")
    config = make_small_finetuning(config, data, tmp_path / "fine")
    config.model.backbone.update(
        image_size=(32, 16),
        init_cfg=dict(
            type="Pretrained",
            checkpoint=str(tmp_path / "pre" / "epoch_1.pth"),
            prefix="teacher.backbone.",
        ),
    )
    for loader in (config.train_dataloader, config.test_dataloader):
        for step in loader.dataset.pipeline:
            if step.type == "mmcv.Resize":
                step.scale = (16, 32)
    runner = Runner.from_cfg(config)
    runner.train()
    assert 0 < runner.test()["mAP"] <= 1
