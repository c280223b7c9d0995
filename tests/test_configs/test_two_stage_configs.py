"""Every two-stage config trains an epoch and is tested, on a few rendered scenes.

Networks and pictures are shrunk; data sets, pipelines, losses, samplers, schedules and
hooks are the config's own.
"""

from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from mmpsearch.datasets.synthetic import make_options, make_synthetic

ROOT = Path(__file__).parents[2] / "configs"
CONFIGS = sorted(
    path.relative_to(ROOT) for path in (ROOT / "person_search_baselines").glob("*.py")
)
# PRW's represent CUHK-SYSU's, which differ in the loaders alone: one is enough. Swin-T
# represents other sizes and start weights.
TRAINED = [
    path
    for path in CONFIGS
    if path.stem in ("seqnet_r50_cuhk-sysu", "seqnet_swin-t_solider_prw")
    or not ("cuhk" in path.stem or "swin" in path.stem)
]
SWIN = dict(embed_dims=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2])
LAYOUTS = {"CUHKSYSU": "cuhk_sysu", "PRW": "prw"}
NUM_IDENTITIES = {"cuhk-sysu": 5532, "prw": 483, "synthetic": 150}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder per layout: eight training scenes, some test scenes with queries."""
    root = tmp_path_factory.mktemp("rendered")
    for layout in LAYOUTS.values():
        options = make_options(
            layout,
            scenes=8,
            width=160,
            height=112,
            identities=4,
            test_identities=4,
            gallery_scenes=4,
            query_scenes=2,
        )
        make_synthetic(options, root / layout)
    return root


def narrow(part, channels: int) -> None:
    """Backbones of the model get narrow, its proposals few."""
    for value in part.values():
        if isinstance(value, dict):
            narrow(value, channels)
    if part.get("type") in ("mmpsearch.StemResNet", "mmpsearch.RegionStage"):
        part.update(base_channels=channels, init_cfg=None)
        if part.type == "mmpsearch.StemResNet":
            part.stem_channels = 8
    if part.get("type") == "mmpsearch.SwinRegionStage":
        part.update(arch=SWIN, init_cfg=None)
    if part.get("type") == "mmpsearch.SemanticSwin":
        first = {k: v[:3] if isinstance(v, list) else v for k, v in SWIN.items()}
        part.update(arch=first, init_cfg=None)
    if part.get("type") == "mmpsearch.ProposalHead":
        wide = part.in_channels == 384  # Swin's
        part.in_channels = 4 * channels * (1 if part.in_channels == 64 else 4)
        if wide:
            part.in_channels = 4 * SWIN["embed_dims"]
        part.feat_channels = 16


def shrink(config: Config, data: Path, work_dir: Path) -> Config:
    narrow(config.model, 4)
    config.model.train_proposals.update(nms_pre=100, max_per_img=20)
    config.model.rpn_head.test_cfg.update(nms_pre=100, max_per_img=20)
    config.model.reid_loss.num_identities = 4
    if "queue_size" in config.model.reid_loss:
        config.model.reid_loss.queue_size = 16
    # untrained scores: something has to be found
    config.model.search.score_threshold = 0.01
    config.train_dataloader.batch_size = 4
    for name in ("train_dataloader", "val_dataloader", "test_dataloader"):
        loader = config[name]
        loader.update(num_workers=0, persistent_workers=False)
        layout = LAYOUTS[loader.dataset.type.split(".")[1]]
        loader.dataset.data_root = str(data / layout)
        if layout == "cuhk_sysu" and loader.dataset.split == "test":
            loader.dataset.gallery_size = 50
        for step in loader.dataset.pipeline:
            if step.type == "mmpsearch.WindowResize":
                step.update(short=112, long=160)
    if config.train_cfg.type.endswith("IterBasedTrainLoop"):
        config.train_cfg.update(max_iters=2, val_interval=2)
        config.default_hooks.checkpoint.interval = 2
    else:
        config.train_cfg.update(max_epochs=1, val_interval=1)
    config.work_dir, config.log_level = str(work_dir), "WARNING"
    return config


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_numbers_of_the_data_set(path):
    config = Config.fromfile(ROOT / path)
    data_set = next(key for key in NUM_IDENTITIES if key in path.stem)
    assert config.model.reid_loss.num_identities == NUM_IDENTITIES[data_set]


@pytest.mark.parametrize("path", TRAINED, ids=lambda path: path.stem)
def test_trains_and_tests(path, data, tmp_path):
    config = shrink(Config.fromfile(ROOT / path), data, tmp_path)
    runner = Runner.from_cfg(config)
    runner.train()
    losses = runner.message_hub.get_scalar("train/loss").data[0]
    assert len(losses) >= 2 and np.isfinite(losses).all()
    assert list(tmp_path.glob("*_[12].pth"))
    metrics = runner.test()
    assert {"mAP", "top1", "det_ap", "det_recall", "gt_mAP"} <= set(metrics)
    assert all(0 <= metrics[key] <= 1 for key in ("mAP", "top1", "gt_mAP"))
    assert metrics["gt_mAP"] > 0
